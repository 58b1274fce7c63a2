"""When DAGs start, and which night that means: in Seoul, not in UTC."""

from datetime import date, datetime

from sales_support_kpi.orchestration.night import night_meant


def nights_of(starts, timezone):
    return [
        night_meant(
            conf={}, announcements=[], due_at=datetime.fromisoformat(start), timezone=timezone
        ).date
        for start in starts
    ]


def test_sources_are_ingested_at_their_hour_in_seoul(dags):
    starts = dags["ingest_crm"]["timetable"]["starts"]
    assert starts[:2] == ["2026-11-19T16:00:00+00:00", "2026-11-20T16:00:00+00:00"]
    assert dags["ingest_helpdesk"]["timetable"]["starts"][0] == "2026-11-19T16:30:00+00:00"


def test_the_run_of_one_in_the_morning_means_the_day_that_just_ended_in_seoul(dags):
    starts = dags["ingest_crm"]["timetable"]["starts"]
    assert nights_of(starts, "Asia/Seoul") == [date(2026, 11, 19 + day) for day in range(3)]


def test_the_warehouse_waits_for_every_source_but_not_beyond_four_in_the_morning(dags):
    timetable = dags["build_warehouse"]["timetable"]
    assert timetable["type"] == "AssetOrTimeSchedule"
    assert timetable["assets"] == ["landing_crm", "landing_helpdesk"]
    assert timetable["starts"][0] == "2026-11-19T19:00:00+00:00"
    assert nights_of(timetable["starts"], "Asia/Seoul")[0] == date(2026, 11, 19)


def test_a_company_elsewhere_has_its_own_nights(load_dags):
    dags = load_dags({"company.yml": "timezone: America/New_York"})["dags"]
    starts = dags["ingest_crm"]["timetable"]["starts"]
    assert starts[0] == "2026-11-20T06:00:00+00:00"
    assert nights_of(starts, "America/New_York")[0] == date(2026, 11, 19)


def test_with_the_clock_off_only_assets_and_people_start_anything(load_dags):
    dags = load_dags(KPI_SCHEDULES="off")["dags"]
    assert [dag["timetable"]["starts"] for dag in dags.values()] == [[], [], []]
    assert dags["build_warehouse"]["timetable"]["assets"] == ["landing_crm", "landing_helpdesk"]
