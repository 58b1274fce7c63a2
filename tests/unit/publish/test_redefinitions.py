"""Which definitions changed between two nights, and since when."""

from datetime import date

from handmade_build import ACCURACY, INQUIRY, TURNAROUND

from sales_support_kpi.warehouse.redefinitions import Definitions, redefinitions

COMPANY = {"timezone": "Asia/Seoul", "country": "KR", "closed_days": [], "reports": []}
KPIS = [
    {"id": INQUIRY, "clock": "business", "params": {"within_hours": 4}, "entities": ["requests"]},
    {"id": TURNAROUND, "clock": "calendar", "params": {}, "entities": ["requests"]},
    {"id": ACCURACY, "clock": None, "params": {}, "entities": ["customers"]},
    {"id": "report_on_time", "clock": None, "params": {}, "entities": ["report_deliveries"]},
]


def definitions(
    company: dict[str, object] | None = None,
    kpi: dict[str, object] | None = None,
    closed: tuple[str, ...] = (),
    years: tuple[int, ...] = (2026, 2027),
    code: str = "1",
) -> Definitions:
    config = {"company": COMPANY | (company or {}), "kpis": [KPIS[0] | (kpi or {}), *KPIS[1:]]}
    days = [f"{year}-{month:02d}-05" for year in years for month in range(1, 13)]
    calendar = {
        "days": [[day, f"{day}T00:00:00+09:00", "", day not in closed, None] for day in days],
        "working_intervals": [
            ["business", f"{day}T00:00:00+00:00", f"{day}T09:00:00+00:00", 0]
            for day in days
            if day not in closed
        ],
    }
    return Definitions(config, calendar, repr(config), repr(calendar), code)


def changes(before: Definitions, now: Definitions) -> dict[str, tuple[str, date | None]]:
    return {change.kpi_id: (change.what, change.since) for change in redefinitions(before, now)}


def test_the_same_definitions_are_no_redefinition() -> None:
    assert changes(definitions(), definitions()) == {}


def test_a_target_or_a_name_is_no_redefinition() -> None:
    other = definitions(kpi={"targets": [{"value": 1}], "name": {"ko": "이름"}, "tolerance": 0.1})
    assert changes(definitions(), other) == {}


def test_a_parameter_redefines_its_kpi_for_all_time() -> None:
    other = definitions(kpi={"params": {"within_hours": 2}})
    assert changes(definitions(), other) == {INQUIRY: ("config", None)}


def test_a_zone_redefines_everything() -> None:
    other = definitions(company={"timezone": "UTC"})
    assert {what for what, _ in changes(definitions(), other).values()} == {"config"}
    assert len(changes(definitions(), other)) == len(KPIS)


def test_a_report_redefines_what_is_about_reports() -> None:
    other = definitions(company={"reports": [{"id": "trend"}]})
    assert changes(definitions(), other) == {"report_on_time": ("config", None)}


def test_a_closed_day_redefines_business_hours_from_that_day_on() -> None:
    other = definitions(company={"closed_days": ["2026-10-05"]}, closed=("2026-10-05",))
    since = ("calendar", date(2026, 10, 5))
    assert changes(definitions(), other) == {INQUIRY: since, "report_on_time": since}


def test_a_day_off_that_no_rule_asks_for_is_the_holidays_library() -> None:
    other = definitions(closed=("2026-10-05",))
    assert changes(definitions(), other)[INQUIRY] == ("holidays library", date(2026, 10, 5))


def test_a_calendar_that_goes_on_differs_from_its_new_year_on() -> None:
    longer = definitions(years=(2026, 2027, 2028))
    assert changes(definitions(), longer)[INQUIRY][1] == date(2028, 1, 5)


def test_other_code_redefines_everything() -> None:
    assert set(changes(definitions(), definitions(code="2")).values()) == {("code", None)}
