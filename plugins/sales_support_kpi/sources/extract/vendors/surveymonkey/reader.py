"""Reads surveys' weights and responses; drops what is not named in the options at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from requests import Response

from sales_support_kpi.sources.extract.errors import QuotaUsedUp, SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.instants import parse_instant
from sales_support_kpi.sources.extract.resources import Page, Resource, Start
from sales_support_kpi.sources.extract.vendors.surveymonkey.details import (
    Json,
    questions_of,
    row_of,
    weights_of,
)
from sales_support_kpi.sources.extract.vendors.surveymonkey.options import Options, Place, Survey
from sales_support_kpi.sources.extract.waits import Verdict

PAGE = 100
_SECOND = timedelta(seconds=1)
_DAY = "X-Ratelimit-App-Global-Day"


def classify(response: Response) -> Verdict | None:
    """What SurveyMonkey's own answers mean.

    Raises:
        SourceError: the owner has taken the app's grant back.
        QuotaUsedUp: the day's requests are spent.
    """
    if len(response.content) < 500 and b"errmsg" in response.content:
        raise SourceError(
            "SurveyMonkey refuses the access token (its grant was taken back): authorise the app "
            "anew and put the new token into the connection",
            is_final=True,
        )
    if response.status_code == 429 and response.headers.get(f"{_DAY}-Remaining") == "0":
        reset = response.headers.get(f"{_DAY}-Reset", "")
        until = datetime.now(UTC) + timedelta(seconds=int(reset)) if reset.isdigit() else None
        when = f"; it comes back at {until:%Y-%m-%d %H:%M} UTC" if until else ""
        raise QuotaUsedUp(f"SurveyMonkey's requests of this day are used up{when}", until=until)
    return None


@dataclass(frozen=True, slots=True)
class _Form:
    """Where things stand in one survey: question ids by what the options call them."""

    ids: Mapping[str, str]
    row: str | None
    is_number: bool


class Reader:
    """The surveys of one account."""

    def __init__(self, http: Http, options: Options) -> None:
        self.http, self.options = http, options
        self._forms: dict[str, _Form] = {}

    def read(self, resource: Resource, start: Start) -> Iterator[Page]:
        """The pages of one resource."""
        if resource.name == "choices":
            yield self._choices(start.bookmark or {})
            return
        known = dict((start.bookmark or {}).get("surveys") or {})
        for survey in self.options.surveys:
            since = parse_instant(known.get(survey.id))
            since = since - resource.lookback if since else start.since or self.options.start
            for rows in self._responses(survey, since):
                reached = [parse_instant(row.get("date_modified")) for row in rows]
                latest = max((one for one in reached if one), default=None)
                before = parse_instant(known.get(survey.id))
                if latest and (before is None or latest > before):
                    known[survey.id] = latest.isoformat()
                answers = [self._answer(survey, row) for row in rows]
                yield Page(answers, {"surveys": dict(known)})

    def _choices(self, bookmark: Mapping[str, Any]) -> Page:
        """What every choice counts, and counted before the survey was changed.

        Weights may be changed after answers exist. What they were is told by nobody: so the map is
        kept with the bookmarks, each version from the change of the survey that brought it.
        """
        versions: dict[str, list[Json]] = {
            name: list(each) for name, each in (bookmark.get("versions") or {}).items()
        }
        rows: list[Json] = []
        for survey in self.options.surveys:
            details, found = questions_of(self.http, survey)
            _check_questions(survey, found)
            now = weights_of(survey, found[survey.score])
            ids = {name: str(question["id"]) for name, question in found.items()}
            row = row_of(survey, found[survey.score])
            self._forms[survey.id] = _Form(ids, row, is_number=not now)
            each = versions.setdefault(survey.id, [])
            if not each or each[-1]["weights"] != now:
                since = details.get("date_modified") if each else None
                each.append({"from": since, "weights": now})
            rows += _version_rows(survey, each)
        return Page(rows, {"versions": versions})

    def _responses(self, survey: Survey, since: datetime | None) -> Iterator[list[Json]]:
        """Responses in the order of their change.

        Each page begins at the last change of the one before, so that a response that is changed
        while they are read, and moves to the end, does not pull another one past the edge of a
        page. Only within one second pages are counted.
        """
        path, page, last = f"/v3/surveys/{survey.id}/responses/bulk", 1, None
        while True:
            asked = {"per_page": PAGE, "page": page, "sort_by": "date_modified"}
            asked |= {"sort_order": "ASC"}
            asked |= {"start_modified_at": _said(since)} if since else {}
            told = self.http.get(path, params=asked).json()
            rows: list[Json] = told.get("data") or []
            yield rows
            if not (told.get("links") or {}).get("next"):
                return
            ids = [str(row.get("id")) for row in rows]
            if not ids or ids == last:
                raise SourceError(
                    f"survey {survey.id}: SurveyMonkey says that there is more, but gives the same "
                    "page again: the reading does not advance"
                )
            last = ids
            moments = [one for row in rows if (one := parse_instant(row.get("date_modified")))]
            if moments and min(moments) < max(moments) - _SECOND:
                since, page = max(moments) - _SECOND, 1
            else:
                page += 1

    def _answer(self, survey: Survey, row: Json) -> Json:
        """One response, as far as the options name what is in it."""
        given = {
            str(question["id"]): question.get("answers") or []
            for page in row.get("pages") or ()
            for question in page.get("questions") or ()
        }
        form = self._forms[survey.id]

        def words(name: str | None) -> str | None:
            found = given.get(form.ids[name], []) if name else []
            return next((str(one["text"]) for one in found if one.get("text")), None)

        def at(place: Place | None) -> str | None:
            if place is None:
                return None
            variables = row.get("custom_variables") or {}
            return variables.get(place.variable) if place.variable else words(place.question)

        choices = [
            str(one["choice_id"])
            for one in given.get(form.ids[survey.score], [])
            if one.get("choice_id") and form.row in (None, str(one.get("row_id")))
        ]
        return {
            **{name: row.get(name) for name in ("id", "date_modified", "response_status")},
            "survey_id": survey.id,
            "survey": survey.survey,
            "collection_mode": row.get("collection_mode"),
            "choice_id": choices[0] if choices else None,
            "number": words(survey.score) if form.is_number else None,
            "scale_min": survey.scale and survey.scale[0],
            "scale_max": survey.scale and survey.scale[1],
            "comment": words(survey.comment),
            "request_id": at(survey.request),
            "respondent_id": at(survey.respondent),
            "respondent_email": _email(survey, row, words),
        }


def _email(survey: Survey, row: Json, words: Any) -> str | None:  # noqa: ANN401
    who = survey.respondent
    if who is None:
        return None
    if who.contact:
        contact = (row.get("metadata") or {}).get("contact") or {}
        found = contact.get("email")
        return found.get("value") if isinstance(found, Mapping) else found
    if who.email_variable:
        return (row.get("custom_variables") or {}).get(who.email_variable)
    return words(who.email_question) if who.email_question else None


def _check_questions(survey: Survey, found: Mapping[str, Json]) -> None:
    for where, name in survey.questions.items():
        if name not in found:
            raise SourceError(
                f"survey {survey.id} has no question {name}: correct {where} in options.surveys, "
                "or see `kpi check`",
                is_final=True,
            )


def _version_rows(survey: Survey, versions: list[Json]) -> Iterator[Json]:
    for at, version in enumerate(versions):
        counted = [weight for weight in version["weights"].values() if weight is not None]
        following = versions[at + 1]["from"] if at + 1 < len(versions) else None
        for choice, weight in version["weights"].items():
            yield {
                "survey_id": survey.id,
                "choice_id": choice,
                "weight": weight,
                "is_answer": weight is not None,
                "valid_from": version["from"],
                "valid_to": following,
                "scale_min": min(counted, default=None),
                "scale_max": max(counted, default=None),
            }


def _said(moment: datetime) -> str:
    """A time as the filters take it: UTC, without an offset."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
