"""The surveys of the demo company as a SurveyMonkey account.

A question has one scale, so each survey exists once per scale. Who answered is known by e-mail,
what about by a custom variable of the link. Previews and unfinished answers are there, too.
"""

from datetime import timedelta

from sales_support_kpi.sandbox.servers.surveymonkey import SurveyMonkeyStore
from sales_support_kpi.sandbox.servers.surveymonkey_objects import (
    choice,
    open_ended,
    page,
    rating,
    response,
    survey,
    words,
)
from sales_support_kpi.sandbox.shapes.company import ALWAYS, Company, Row, scale_of
from sales_support_kpi.sandbox.shapes.ids import response_number, ticket_id

SURVEYS = {
    "material_request": "자료 요청 만족도",
    "complaint_support": "고객 불만 처리 지원 만족도",
    "onboarding": "신규 영업사원 온보딩 만족도",
}
SCALES = {(1, 5): "5점", (0, 10): "10점", (1, 7): "7점"}
TICKET = "ticket"  # the custom variable with the ticket's number


def survey_id(name: str, scale: tuple[int, int]) -> str:
    """The number of a survey on one scale."""
    return str(500_000_000 + 10 * list(SURVEYS).index(name) + list(SCALES).index(scale))


def store_of(company: Company) -> SurveyMonkeyStore:
    """Fill an account with the company's answers."""
    store = SurveyMonkeyStore()
    for name, title in SURVEYS.items():
        for scale, said in SCALES.items():
            number = survey_id(name, scale)
            weights = {f"{number}{weight:02}": weight for weight in range(scale[0], scale[1] + 1)}
            questions = [
                rating(f"{number}1", f"{title}: 얼마나 만족하십니까?", weights),
                open_ended(f"{number}2", "의견"),
            ]
            made = survey(number, f"{title} ({said})", [page(f"{number}0", questions)],
                          modified=ALWAYS)  # fmt: skip
            made["custom_variables"] = {TICKET: "Zendesk ticket"}
            store.surveys[number] = made
    emails = {row["employee_id"]: row["email"] for row in company.rows["employees"]}
    for at, row in enumerate(company.rows["survey_responses"], 1):
        own = response_number(row["response_id"])
        one = _response(own, row, emails)
        store.put_response(one)
        if at % 97 == 0:  # somebody tried the link, somebody else gave up half-way
            again = {**one, "id": str(own + 100_000_000)}
            store.put_response({**again, "collection_mode": "preview"})
            given_up = {**one, "id": str(own + 200_000_000), "response_status": "partial"}
            store.put_response(given_up)
    return store


def _response(number: int, row: Row, emails: dict[str, str]) -> dict[str, object]:
    which = survey_id(row["survey"], scale_of(row))
    answers = {f"{which}1": choice(f"{which}{int(row['score']):02}", f"{which}10")}
    if row["comment"]:
        answers[f"{which}2"] = words(row["comment"])
    ticket = {TICKET: str(ticket_id(row["request_id"]))} if row["request_id"] else {}
    email = emails.get(row["respondent_id"])
    contact = {"email": {"type": "string", "value": email}} if email else {}
    submitted = row["submitted_at"]
    made = response(
        str(number), which, submitted, answers, page_id=f"{which}0",
        custom_variables=ticket, metadata={"contact": contact},
    )  # fmt: skip
    return made | {"total_time": int(timedelta(minutes=3).total_seconds())}
