"""What the invented company looks like, read from its files."""

import re

import pytest

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.sandbox import ENTITIES as GENERATED
from sales_support_kpi.sandbox.customers import FAULTS

HOLIDAYS = ("2025-10-08", "2026-01-01", "2026-02-17", "2026-05-05", "2026-09-25", "2026-10-05")


def test_every_entity_is_there_with_columns_that_exist(demo):
    assert set(GENERATED) == set(ENTITIES)
    for name, entity in ENTITIES.items():
        header = (demo.folder / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        columns = [column.strip('"') for column in header.split(",")]
        assert set(columns) <= {column.name for column in entity.all_columns}
        assert {column.name for column in entity.columns} <= set(columns)


@pytest.mark.parametrize(
    ("entity", "least", "most"),
    [
        ("requests", 6_000, 10_000),
        ("activities", 18_000, 22_000),
        ("customers", 6_000, 10_000),
        ("opportunities", 6_000, 10_000),
        ("survey_responses", 700, 1_500),
    ],
)
def test_size_s_has_the_volume_of_a_small_company(demo, entity, least, most):
    assert least <= demo.one(f"select count(*) from {entity}") <= most
    assert demo.truth.rows[entity] == demo.one(f"select count(*) from {entity}")


def test_about_thirty_people_work_there_on_the_last_day(demo):
    working = demo.rows(
        "select role, count(*) from (select employee_id, max_by(role, coalesce(updated_at,"
        " '2000-01-01'::timestamptz)) as role, max(left_on) as left_on from employees group by 1)"
        " where left_on is null group by 1"
    )
    found = dict(working)
    assert 6 <= found["support"] <= 10
    assert 20 <= found["sales"] <= 30


def test_the_history_begins_in_october_2025_and_ends_with_the_last_night(demo):
    for entity, column in (
        ("requests", "opened_at"),
        ("activities", "occurred_at"),
        ("contracts", "signed_at"),
    ):
        first, last = demo.rows(
            f"select min({column})::timestamp::date::text, max({column})::timestamp::date::text"
            f" from {entity}"
        )[0]
        assert (first, last[:7]) == ("2025-10-01", "2026-10")


def test_work_arrives_in_office_hours_and_hardly_at_weekends(demo):
    in_hours = demo.one(
        "select avg((hour(opened_at) between 9 and 17 and dayofweek(opened_at) between 1 and 5)"
        "::int) from requests"
    )
    weekend = demo.one("select avg((dayofweek(opened_at) in (0, 6))::int) from requests")
    assert 0.85 < in_hours < 0.97
    assert 0 < weekend < 0.05


def test_public_holidays_are_quiet(demo):
    days = ", ".join(f"'{day}'" for day in HOLIDAYS)
    on_holidays = demo.one(
        f"select count(*) from requests where strftime(opened_at, '%Y-%m-%d') in ({days})"
    )
    per_day = demo.one("select count(*) / 270 from requests")
    assert on_holidays / len(HOLIDAYS) < 0.15 * per_day


def test_every_rule_of_customer_records_is_violated_by_somebody_on_the_last_night(demo):
    wanted = [*FAULTS[1:], "owner has left", "business number shared", "found wrong by an audit"]
    assert {name: demo.truth.planted[name] for name in wanted if not demo.truth.planted[name]} == {}


def test_good_business_numbers_carry_the_right_check_digit(demo):
    numbers = [
        re.sub("[- ]", "", number)
        for (number,) in demo.rows(
            "select distinct business_registration_no from customers"
            " where business_registration_no is not null"
        )
    ]
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)

    def is_right(number: str) -> bool:
        digits = [int(letter) for letter in number]
        total = sum(w * d for w, d in zip(weights, digits, strict=False)) + 5 * digits[8] // 10
        return len(digits) == 10 and (10 - total % 10) % 10 == digits[9]

    wrong = [number for number in numbers if not is_right(number)]
    assert 0 < len(wrong) < 0.02 * len(numbers)


def test_nobody_can_be_reached_by_mail_or_telephone(demo):
    addresses = [
        address
        for table in ("employees", "customers")
        for (address,) in demo.rows(f"select email from {table} where email like '%@%'")
    ]
    assert all(address.endswith(".example") for address in addresses)
    phones = [phone for (phone,) in demo.rows("select phone from customers where phone not null")]
    reachable = [p for p in phones if not re.search(r"-0000?-|0000 |555-01|^02-\d{4}$", p)]
    assert reachable == []


def test_records_are_put_right_over_time(demo):
    assert (
        demo.one(
            "select count(*) from (select customer_id from customers group by 1"
            " having max((email not like '%@%')::int) = 1"
            " and max_by(email, updated_at) like '%@%')"
        )
        > 3
    )


@pytest.mark.parametrize(
    ("entity", "column", "of", "key", "broken"),
    [
        ("requests", "assignee_id", "employees", "employee_id", {"x99"}),
        ("requests", "requester_id", "employees", "employee_id", set()),
        ("requests", "customer_id", "customers", "customer_id", set()),
        ("request_events", "request_id", "requests", "request_id", set()),
        ("survey_responses", "request_id", "requests", "request_id", set()),
        ("survey_responses", "respondent_id", "employees", "employee_id", set()),
        ("customers", "owner_id", "employees", "employee_id", {"x99"}),
        ("customers", "steward_id", "employees", "employee_id", set()),
        ("activities", "owner_id", "employees", "employee_id", set()),
        ("activities", "customer_id", "customers", "customer_id", set()),
        ("activities", "opportunity_id", "opportunities", "opportunity_id", set()),
        ("opportunities", "owner_id", "employees", "employee_id", set()),
        ("opportunities", "customer_id", "customers", "customer_id", set()),
        ("contracts", "support_owner_id", "employees", "employee_id", set()),
        ("contracts", "opportunity_id", "opportunities", "opportunity_id", set()),
        ("contract_steps", "contract_id", "contracts", "contract_id", set()),
        ("report_uses", "meeting_id", "meetings", "meeting_id", set()),
        ("material_updates", "material_id", "materials", "material_id", set()),
        ("materials", "owner_id", "employees", "employee_id", set()),
        ("record_audits", "customer_id", "customers", "customer_id", set()),
        ("employees", "manager_id", "employees", "employee_id", set()),
        ("employees", "onboarding_owner_id", "employees", "employee_id", set()),
    ],
)
def test_references_resolve_unless_broken_on_purpose(demo, entity, column, of, key, broken):
    missing = demo.rows(
        f"select distinct {column} from {entity} where {column} is not null"
        f" and {column} not in (select {key} from {of})"
    )
    assert {value for (value,) in missing} == broken


def test_the_last_event_says_what_the_request_says(demo):
    odd = demo.one(
        "select count(*) from requests join (select request_id, max_by(to_status, event_id)"
        " as said from request_events where not event_id like '%-9' group by 1)"
        " using (request_id) where said <> status"
    )
    assert odd == 0


def test_keys_are_unique(demo):
    for name, entity in ENTITIES.items():
        key = ", ".join((*entity.key, *(("updated_at",) if entity.is_versioned else ())))
        total, distinct = demo.rows(f"select count(*), count(distinct ({key})) from {name}")[0]
        assert total == distinct, name


def test_people_change_teams_roles_or_leave_and_are_hired(demo):
    assert (
        demo.one(
            "select count(*) from (select employee_id from employees group by 1"
            " having count(distinct team) > 1)"
        )
        >= 4
    )
    assert (
        demo.one(
            "select count(*) from (select employee_id from employees group by 1"
            " having count(distinct role) > 1)"
        )
        == 1
    )
    assert demo.one("select count(distinct employee_id) from employees where left_on < updated_at")
    assert demo.one("select count(*) from employees where team is null") == 1
    assert (
        demo.one("select count(distinct employee_id) from employees where hired_on >= '2025-10-01'")
        >= 10
    )


@pytest.mark.parametrize(
    "oddity",
    [
        "activity entered late",
        "activity without recorded_at",
        "contract cancelled",
        "contract step late",
        "contract step missing",
        "done without any end",
        "done without completed_at",
        "event after the end",
        "events at one instant",
        "insight not accepted",
        "material not updated this month",
        "material retired",
        "opportunity gone stale",
        "opportunity with an empty field",
        "report late or missing",
        "report use not written down",
        "request cancelled",
        "request completed before it began",
        "request of an unknown assignee",
        "request of an unknown kind",
        "request reopened",
        "request transferred",
        "request without events",
        "survey answered again",
    ],
)
def test_each_oddity_is_there(demo, oddity):
    assert demo.truth.planted[oddity] > 0


def test_less_than_one_percent_has_to_be_quarantined(demo):
    truth = demo.truth
    assert set(truth.quarantined) == {"requests", "survey_responses"}
    for entity, count in truth.quarantined.items():
        assert 0 < count < 0.01 * truth.rows[entity]
