"""Objects in the shapes of SurveyMonkey's API v3: every key there, a caller names what matters."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]


def stamp(moment: datetime) -> str:
    """An instant as the vendor writes it: UTC, whole seconds, `+00:00`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def survey(survey_id: str, title: str, pages: list[Json], *, modified: datetime) -> Json:
    """A survey's details; its responses' `survey_id` is `survey_id`."""
    return {
        "id": survey_id,
        "title": title,
        "nickname": "",
        "language": "ko",
        "href": f"https://sandbox.example/v3/surveys/{survey_id}",
        "date_created": stamp(modified),
        "date_modified": stamp(modified),
        "response_count": 0,
        "custom_variables": {},
        "pages": pages,
    }


def page(page_id: str, questions: list[Json]) -> Json:
    """A page of a survey."""
    return {"id": page_id, "position": 1, "title": "", "questions": questions}


def rating(question_id: str, heading: str, weights: Mapping[str, int | None]) -> Json:
    """A star or matrix rating of one row; `weights`: choice id → what it counts."""
    choices = [
        {
            "id": choice_id,
            "position": at,
            "text": "" if weight is None else str(weight),
            "weight": weight,
            "is_na": weight is None,
            "visible": True,
        }
        for at, (choice_id, weight) in enumerate(weights.items(), 1)
    ]
    return {
        "id": question_id,
        "family": "matrix",
        "subtype": "rating",
        "position": 1,
        "visible": True,
        "headings": [{"heading": heading}],
        "answers": {
            "rows": [{"id": f"{question_id}0", "position": 1, "text": "", "visible": True}],
            "choices": choices,
        },
    }


def open_ended(question_id: str, heading: str) -> Json:
    """A question answered in words."""
    return {
        "id": question_id,
        "family": "open_ended",
        "subtype": "essay",
        "position": 2,
        "visible": True,
        "headings": [{"heading": heading}],
    }


def response(
    response_id: str,
    survey_id: str,
    submitted: datetime,
    answers: Mapping[str, list[Json]],
    *,
    page_id: str = "1",
    modified: datetime | None = None,
    **values: object,
) -> Json:
    """A completed response; `answers`: question id → its answers (see `choice`, `words`)."""
    return {
        "id": response_id,
        "survey_id": survey_id,
        "collector_id": "500",
        "recipient_id": "0",
        "response_status": "completed",
        "collection_mode": "default",
        "date_created": stamp(submitted - timedelta(minutes=3)),
        "date_modified": stamp(modified or submitted),
        "total_time": 180,
        "custom_variables": {},
        "custom_value": "",
        "ip_address": "192.0.2.10",
        "metadata": {"contact": {}},
        "logic_path": {},
        "pages": [
            {
                "id": page_id,
                "questions": [{"id": name, "answers": given} for name, given in answers.items()],
            }
        ],
        **values,
    }


def choice(choice_id: str, row_id: str | None = None) -> list[Json]:
    """The answer to a rating."""
    return [{"choice_id": choice_id} | ({"row_id": row_id} if row_id else {})]


def words(text: str) -> list[Json]:
    """The answer to an open question."""
    return [{"text": text}]
