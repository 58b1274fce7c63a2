"""What `kpi check` tries: the token, and every survey, question and choice the options name."""

from collections.abc import Iterator

from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.resources import Finding
from sales_support_kpi.sources.extract.vendors.surveymonkey.details import (
    Json,
    heading,
    plain,
    questions_of,
    weights_of,
)
from sales_support_kpi.sources.extract.vendors.surveymonkey.options import Options, Survey


def findings(http: Http, options: Options) -> Iterator[Finding]:
    """Everything that is right and wrong, as far as the token reaches."""
    try:
        me = http.get("/v3/users/me").json()
    except SourceError as error:
        yield Finding(False, f"{error}: correct the connection's access token")
        return
    yield Finding(True, f"signed in as {me.get('username')}")
    for survey in options.surveys:
        try:
            details, found = questions_of(http, survey)
        except SourceError as error:
            yield Finding(False, str(error))
            continue
        yield from _questions(survey, details, found)
        if survey.score in found:
            yield from _score(survey, found[survey.score])


def _questions(survey: Survey, details: Json, found: dict[str, Json]) -> Iterator[Finding]:
    title = f"survey {survey.id} ({details.get('title')})"
    listed = [
        f"{one['id']} {heading(one)}"
        for page in details.get("pages") or ()
        for one in page.get("questions") or ()
    ]
    variables = details.get("custom_variables") or {}
    for where, name in survey.variables.items():
        if name not in variables:
            there = ", ".join(variables) or "none"
            yield Finding(False, f"{title}: {where}: no custom variable {name}. There are: {there}")
    for where, name in survey.questions.items():
        if name in found:
            yield Finding(True, f"{title}: {where} is the question {heading(found[name])}")
        else:
            there = "; ".join(listed[:20]) or "none"
            yield Finding(False, f"{title}: {where}: no question {name}. There are: {there}")


def _score(survey: Survey, question: Json) -> Iterator[Finding]:
    title = f"survey {survey.id}"
    answers = question.get("answers") or {}
    choices = {str(one["id"]): plain(str(one.get("text"))) for one in answers.get("choices") or ()}
    known = {*choices, *(text.casefold() for text in choices.values())}
    for name in survey.weights:
        if name not in known and name.casefold() not in known:
            there = "; ".join(f"{key} {text}".strip() for key, text in choices.items()) or "none"
            yield Finding(False, f"{title}: weights: no choice {name}. There are: {there}")
    rows = {str(one["id"]): plain(str(one.get("text"))) for one in answers.get("rows") or ()}
    names = {*rows, *(text.casefold() for text in rows.values())}
    if survey.row is not None and survey.row.casefold() not in names:
        there = "; ".join(f"{key} {text}".strip() for key, text in rows.items()) or "none"
        yield Finding(False, f"{title}: row: no row {survey.row}. There are: {there}")
    elif survey.row is None and len(rows) > 1:
        yield Finding(False, f"{title}: the score has {len(rows)} rows: say in row: which counts")
    try:
        weights = [one for one in weights_of(survey, question).values() if one is not None]
    except SourceError as error:
        yield Finding(False, f"{title}: {error}")
        return
    if not weights and survey.scale is None:
        yield Finding(False, f"{title}: the score is a number: say its scale: [smallest, largest]")
    elif weights:
        yield Finding(True, f"{title}: the score counts from {min(weights):g} to {max(weights):g}")
