"""A survey's details: where its questions are, and what their choices count."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.vendors.surveymonkey.options import Survey

Json = dict[str, Any]

_LIST_PAGE = 1000


def questions_of(http: Http, survey: Survey) -> tuple[Json, dict[str, Json]]:
    """The survey, and the questions the options name (name → question).

    Details end after a hundred pages, and are refused for very large surveys: then the pages are
    asked for one by one, until every question that is named has been found.

    Raises:
        SourceError: there is no such survey.
    """
    path = f"/v3/surveys/{survey.id}"
    told = http.get(f"{path}/details", allow=(404, 413))
    if told.status_code == 404:
        raise SourceError(f"there is no survey {survey.id}: correct it in options.surveys")
    details: Json = http.get(path).json() if told.status_code == 413 else told.json()
    pages = details.get("pages") or []
    wanted = set(survey.questions.values())
    found = _named(wanted, (one for page in pages for one in page.get("questions") or ()))
    if len(found) < len(wanted) and len(pages) < int(details.get("page_count") or len(pages) + 1):
        seen = {str(page["id"]) for page in pages}
        found |= _looked_up(http, path, wanted - set(found), seen)
    return details, found


def weights_of(survey: Survey, question: Json) -> dict[str, float | None]:
    """Choice id → what it counts; None: it is no answer (not applicable)."""
    said = {name.casefold(): weight for name, weight in survey.weights.items()}
    choices = (question.get("answers") or {}).get("choices") or ()
    return {str(one["id"]): _weight(one, said) for one in choices}


def row_of(survey: Survey, question: Json) -> str | None:
    """The id of the row that counts."""
    if survey.row is None:
        return None
    rows = (question.get("answers") or {}).get("rows") or ()
    for row in rows:
        if survey.row.casefold() in (str(row["id"]), plain(str(row.get("text"))).casefold()):
            return str(row["id"])
    return survey.row


def heading(question: Json) -> str:
    """A question as people read it."""
    said = question.get("headings") or [{"heading": question.get("heading")}]
    return plain(str(said[0].get("heading") or ""))


def plain(text: str) -> str:
    """Text without the markup editors leave in it."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _weight(choice: Json, said: Mapping[str, float]) -> float | None:
    if choice.get("is_na"):
        return None
    for name in (str(choice["id"]), plain(str(choice.get("text") or "")).casefold()):
        if name in said:
            return said[name]
    weight = choice.get("weight")
    if weight is None:
        raise SourceError(
            f"the choice {choice['id']} ({plain(str(choice.get('text')))}) of the score has no "
            "weight: give it one in weights: of the survey's options",
            is_final=True,
        )
    return float(weight)


def _named(wanted: set[str], questions: Iterator[Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for question in questions:
        names = {str(question["id"]), heading(question).casefold()}
        for name in wanted - set(found):
            if names & {name, plain(name).casefold()}:
                found[name] = question
    return found


def _looked_up(http: Http, path: str, wanted: set[str], seen: set[str]) -> dict[str, Json]:
    """The questions of the pages the details left out."""
    found: dict[str, Json] = {}
    for page in _listed(http, f"{path}/pages"):
        if str(page["id"]) in seen:
            continue
        asked = f"{path}/pages/{page['id']}/questions"
        for name, short in _named(wanted - set(found), _listed(http, asked)).items():
            found[name] = http.get(f"{asked}/{short['id']}").json()
        if len(found) == len(wanted):
            break
    return found


def _listed(http: Http, path: str) -> Iterator[Json]:
    page, last = 1, None
    while True:
        told = http.get(path, params={"per_page": _LIST_PAGE, "page": page}).json()
        rows = told.get("data") or []
        yield from rows
        if not (told.get("links") or {}).get("next"):
            return
        if not rows or rows == last:
            raise SourceError(f"{path}: SurveyMonkey gives the same page again and again")
        page, last = page + 1, rows
