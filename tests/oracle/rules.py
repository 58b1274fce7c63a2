"""The row rules of the KPIs, one function each, in the words of their definitions.

Flow: `rule(world, params…)` → the rows of all time. Stock: `rule(world, instant)` → what counts
at that instant. Month end: `rule(world, month_start, end)` → the rows of one month.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from tests.oracle.cells import local_date, midnight, scale_of
from tests.oracle.company_config import WEEKDAYS
from tests.oracle.loads import Row, Version
from tests.oracle.people import Record, Ref
from tests.oracle.world import World, duration, hours


@dataclass(frozen=True)
class MeasureRow:
    """One measure row; its team is the employee's at `occurred_at`."""

    occurred_at: int
    employee: Ref | None
    numerator: float
    denominator: float | None = 1.0


@dataclass(frozen=True)
class Standing:
    """One record that counts at the instant asked for, by its version valid then."""

    employee: Ref | None
    numerator: float
    record: Record
    since: int


def who(row: Row, column: str) -> Ref:
    """The employee that a row's own system calls so."""
    return row["source"], row[column]


# -- 1 and 8: requests ---------------------------------------------------------------------


def document_turnaround(world: World, entry: dict) -> Iterator[MeasureRow]:
    for request in world.measured_requests:
        if request.kind in ("proposal", "contract") and request.is_done:
            used = world.running_time(request, entry.get("clock"))
            yield MeasureRow(request.end, request.assignee, hours(used))


def inquiry_within_4h(world: World, entry: dict) -> Iterator[MeasureRow]:
    limit = duration(entry["params"]["within_hours"])
    for request in world.measured_requests:
        if request.kind != "inquiry":
            continue
        used = world.running_time(request, entry.get("clock"))
        if request.is_done:
            yield MeasureRow(request.start, request.assignee, 1.0 if used <= limit else 0.0)
        elif used > limit:
            yield MeasureRow(request.start, request.assignee, 0.0)


def inquiry_completion_rate(world: World, entry: dict) -> Iterator[MeasureRow]:
    for request in world.measured_requests:
        if request.kind == "inquiry":
            yield MeasureRow(request.start, request.assignee, 1.0 if request.is_done else 0.0)


def inquiry_handling_time(world: World, entry: dict) -> Iterator[MeasureRow]:
    for request in world.measured_requests:
        if request.kind == "inquiry" and request.is_done:
            used = world.running_time(request, entry.get("clock"))
            yield MeasureRow(request.end, request.assignee, hours(used))


# -- 2: customer records -------------------------------------------------------------------

EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)
KOREAN_PHONE = re.compile(
    r"02[0-9]{7,8}|0[3-6][0-9][0-9]{7,8}|01[016789][0-9]{7,8}|070[0-9]{8}|050[0-9]{8,9}"
    r"|080[0-9]{7}|1[568][0-9]{6}"
)


def is_korean(row: Row) -> bool:
    return row["country"] in (None, "KR")


def email_is_valid(row: Row) -> bool:
    email = row["email"] or ""
    return len(email) <= 254 and EMAIL.fullmatch(email) is not None


def phone_is_valid(row: Row) -> bool:
    phone = re.sub(r"[ \-.()]", "", row["phone"] or "")
    if not is_korean(row):
        return re.fullmatch(r"\+[0-9]{8,15}", phone) is not None
    for prefix in ("+82", "0082"):
        if phone.startswith(prefix):
            rest = phone[len(prefix) :]
            phone = rest if rest.startswith("0") else "0" + rest
            break
    return KOREAN_PHONE.fullmatch(phone) is not None


def postal_code_is_valid(row: Row) -> bool:
    code = row["postal_code"] or ""
    return re.fullmatch(r"[0-9]{5}", code) is not None if is_korean(row) else code != ""


def registration_number(row: Row) -> str:
    return (row["business_registration_no"] or "").replace("-", "").replace(" ", "")


def registration_number_is_valid(row: Row) -> bool:
    if not is_korean(row):
        return True
    number = registration_number(row)
    if re.fullmatch(r"[0-9]{10}", number) is None:
        return False
    digits = [int(digit) for digit in number]
    total = sum(w * d for w, d in zip((1, 3, 7, 1, 3, 7, 1, 3, 5), digits[:9], strict=True))
    return digits[9] == (10 - (total + 5 * digits[8] // 10) % 10) % 10


def owner_has_not_left(world: World, row: Row, instant: int) -> bool:
    version = world.employee_version(who(row, "owner_id"), instant)
    if version is None:
        return False
    left_on = version.row["left_on"]
    if left_on is None:
        return True
    day_after = midnight(left_on + timedelta(days=1), world.company.zone)
    return instant < max(day_after, version.start)


def found_wrong(audits: list[Row], versions: list[Version], instant: int) -> bool:
    """The latest audit by then says wrong, and no strictly later version has come since.

    Of two at one instant the larger id is the latest, and of one id in two systems the larger name.
    """
    made = [audit for audit in audits if audit["audited_at"] <= instant]
    if not made:
        return False
    latest = max(made, key=lambda audit: (audit["audited_at"], audit["audit_id"], audit["source"]))
    if latest["is_accurate"]:
        return False
    return not any(latest["audited_at"] < version.start <= instant for version in versions)


def valid_version(versions: list[Version], instant: int) -> Version | None:
    for version in versions:
        if version.start <= instant < version.end:
            return version
    return None


def customer_record_accuracy(world: World, entry: dict, instant: int) -> Iterator[Standing]:
    customers = world.customers_with_audits
    active: dict[Record, Version] = {}
    for customer, (versions, _) in customers.items():
        version = valid_version(versions, instant)
        if version is not None and version.row["status"] == "active":
            active[customer] = version
    numbers = [(source, registration_number(v.row)) for (source, _), v in active.items()]
    for customer, version in active.items():
        row = version.row
        versions, audits = customers[customer]
        number = registration_number(row)
        is_accurate = (
            bool(row["name"])
            and email_is_valid(row)
            and phone_is_valid(row)
            and postal_code_is_valid(row)
            and registration_number_is_valid(row)
            and (number == "" or numbers.count((row["source"], number)) == 1)
            and owner_has_not_left(world, row, instant)
            and not found_wrong(audits, versions, instant)
        )
        numerator = 1.0 if is_accurate else 0.0
        yield Standing(who(row, "steward_id"), numerator, customer, version.start)


# -- 3, 9 and 10: surveys ------------------------------------------------------------------


def normalised(response: Row) -> float:
    low, high = scale_of(response)
    return 1 + 4 * (response["score"] - low) / (high - low)


def responses_of(world: World, survey: str) -> list[Row]:
    return [
        response
        for response in world.existing("survey_responses")
        if response["survey"] == survey and response["submitted_at"] < world.as_of
    ]


def latest_answers(responses: Iterable[Row], asked: Callable[[Row], object]) -> list[Row]:
    """Of the responses to one and the same question, the latest one.

    Of two at one instant the larger id is the later, and of one id in two systems the larger name.
    """
    latest: dict[object, Row] = {}
    for response in sorted(responses, key=itemgetter("submitted_at", "response_id", "source")):
        latest[asked(response)] = response
    return list(latest.values())


def by_person_and_request(world: World) -> Callable[[Row], object]:
    """The request and who answered, by id or by address; where one is missing, its own answer."""

    def asked(response: Row) -> object:
        if response["request_id"] is None or response["respondent_id"] is None:
            return response["source"], response["response_id"]
        request = world.request_of(response) or who(response, "request_id")
        person = world.people.meant_by(who(response, "respondent_id"))
        return request, who(response, "respondent_id") if person is None else person

    return asked


def material_request_satisfaction(world: World, entry: dict) -> Iterator[MeasureRow]:
    responses = responses_of(world, "material_request")
    for response in latest_answers(responses, by_person_and_request(world)):
        assignee = world.assignee_of(response)
        yield MeasureRow(response["submitted_at"], assignee, normalised(response))


def complaint_support_satisfaction(world: World, entry: dict) -> Iterator[MeasureRow]:
    def is_answered_by_sales(response: Row) -> bool:
        respondent = world.employee(who(response, "respondent_id"), response["submitted_at"])
        return respondent is not None and respondent["role"] == "sales"

    responses = [r for r in responses_of(world, "complaint_support") if is_answered_by_sales(r)]
    for response in latest_answers(responses, by_person_and_request(world)):
        assignee = world.assignee_of(response)
        yield MeasureRow(response["submitted_at"], assignee, normalised(response))


def onboarding_satisfaction(world: World, entry: dict) -> Iterator[MeasureRow]:
    longest = entry["params"]["onboarding_days"]

    def is_answered_by_a_new_hire(response: Row) -> bool:
        respondent = world.employee(who(response, "respondent_id"), response["submitted_at"])
        if respondent is None or respondent["role"] != "sales" or respondent["hired_on"] is None:
            return False
        answered_on = local_date(response["submitted_at"], world.company.zone)
        return 0 <= (answered_on - respondent["hired_on"]).days <= longest

    responses = [r for r in responses_of(world, "onboarding") if is_answered_by_a_new_hire(r)]
    for response in latest_answers(
        responses, lambda row: world.people.meant_by(who(row, "respondent_id"))
    ):
        respondent = world.employee(who(response, "respondent_id"), response["submitted_at"])
        owner = who(respondent, "onboarding_owner_id")
        yield MeasureRow(response["submitted_at"], owner, normalised(response))


# -- 4: contracts --------------------------------------------------------------------------


def contract_followup_completion(world: World, entry: dict) -> Iterator[MeasureRow]:
    completed_at = {
        (step["source"], step["contract_id"], step["step"]): step["completed_at"]
        for step in world.existing("contract_steps")
    }
    for contract in world.existing("contracts"):
        deadline = contract["signed_at"] + duration(entry["params"]["within_hours"])
        if contract["status"] == "cancelled" or deadline >= world.as_of:
            continue
        is_complete = True
        for step in entry["params"]["steps"]:
            at = completed_at.get((contract["source"], contract["contract_id"], step))
            if at is None or at > deadline:
                is_complete = False
        owner = who(contract, "support_owner_id")
        yield MeasureRow(deadline, owner, 1.0 if is_complete else 0.0)


# -- 5: CRM entries ------------------------------------------------------------------------


def crm_entry_rate_activities(world: World, entry: dict) -> Iterator[MeasureRow]:
    for activity in world.existing("activities"):
        if activity["occurred_at"] >= world.as_of:
            continue
        deadline = activity["occurred_at"] + duration(entry["params"]["entry_hours"])
        recorded_at = activity["recorded_at"]
        is_recorded = recorded_at is not None and recorded_at < world.as_of
        if not is_recorded and deadline >= world.as_of:
            continue
        in_time = is_recorded and recorded_at <= deadline
        owner = who(activity, "owner_id")
        yield MeasureRow(activity["occurred_at"], owner, 1.0 if in_time else 0.0)


def crm_entry_rate_opportunities(world: World, entry: dict, instant: int) -> Iterator[Standing]:
    longest = duration(24 * entry["params"]["stale_days"])
    for opportunity, versions in world.opportunities.items():
        version = valid_version(versions, instant)
        if version is None or version.row["is_closed"]:
            continue
        row = version.row
        required = ("stage", "amount", "close_date", "next_step")
        is_filled = all(row[name] is not None for name in required)
        updated_at = version.start if row["updated_at"] is None else row["updated_at"]
        is_fresh = instant < updated_at + longest
        numerator = 1.0 if is_filled and is_fresh else 0.0
        yield Standing(who(row, "owner_id"), numerator, opportunity, version.start)


# -- 6: reports ----------------------------------------------------------------------------


def report_on_time(world: World, entry: dict) -> Iterator[MeasureRow]:
    company = world.company
    deliveries = world.existing("report_deliveries")
    for report in company.reports:
        starts_on = report["starts_on"]
        monday = starts_on - timedelta(days=starts_on.weekday())
        while midnight(monday, company.zone) < world.as_of:
            nominal = monday + timedelta(days=WEEKDAYS.index(report.get("weekday", "mon")))
            due = next_open_day(world, nominal)
            week_start = midnight(monday, company.zone)
            monday += timedelta(days=7)
            if due is None or nominal < starts_on:
                continue
            due_end = midnight(due + timedelta(days=1), company.zone)
            if due_end > world.as_of:
                continue
            is_delivered = any(
                d["report"] == report["id"] and week_start <= d["delivered_at"] < due_end
                for d in deliveries
            )
            occurred_at = midnight(due, company.zone)
            yield MeasureRow(occurred_at, owner_of(report), 1.0 if is_delivered else 0.0)


def owner_of(report: dict) -> Ref:
    """The configuration is no system: its ids are looked up in the systems' order."""
    return "", report.get("owner_id")


def next_open_day(world: World, day: date) -> date | None:
    for days_later in range(60):
        if world.company.is_open(day + timedelta(days=days_later)):
            return day + timedelta(days=days_later)
    return None


def report_usage(world: World, entry: dict) -> Iterator[MeasureRow]:
    used = {
        (use["source"], use["meeting_id"], use["report"])
        for use in world.existing("report_uses")
        if use["used"]
    }
    for meeting in world.existing("meetings"):
        if meeting["kind"] != "weekly_sales" or meeting["held_at"] >= world.as_of:
            continue
        for report in world.company.reports:
            if report["starts_on"] <= local_date(meeting["held_at"], world.company.zone):
                was_used = (meeting["source"], meeting["meeting_id"], report["id"]) in used
                yield MeasureRow(meeting["held_at"], owner_of(report), 1.0 if was_used else 0.0)


# -- 7: insights ---------------------------------------------------------------------------


def insights_delivered(world: World, entry: dict) -> Iterator[MeasureRow]:
    for insight in world.existing("insights"):
        if insight["accepted"] and insight["provided_at"] < world.as_of:
            yield MeasureRow(insight["provided_at"], who(insight, "author_id"), 1.0, None)


# -- 11: materials -------------------------------------------------------------------------


def material_freshness(
    world: World, entry: dict, month_start: int, end: int
) -> Iterator[MeasureRow]:
    updates = world.existing("material_updates")
    for material in world.existing("materials"):
        is_retired = material["retired_at"] is not None and material["retired_at"] < end
        if is_retired or material["created_at"] >= month_start:
            continue
        is_updated = any(
            (update["source"], update["material_id"])
            == (material["source"], material["material_id"])
            and month_start <= update["updated_at"] < end
            for update in updates
        )
        yield MeasureRow(month_start, who(material, "owner_id"), 1.0 if is_updated else 0.0)
