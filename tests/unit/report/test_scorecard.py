import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from publishing import KPIS, PublishedFixture

from sales_support_kpi.errors import SalesSupportKpiError, UsageError
from sales_support_kpi.report.model import ScorecardRow, Status
from sales_support_kpi.report.scorecard import TREND_PERIODS, load_scorecard
from sales_support_kpi.settings import Home


def row_of(home: Home, kpi_id: str, **wanted: str) -> ScorecardRow:
    card = load_scorecard(home, **wanted)  # type: ignore[arg-type]
    return next(row for row in card.rows if row.kpi_id == kpi_id)


def test_every_catalog_entry_is_one_row_in_catalog_order(home: Home) -> None:
    card = load_scorecard(home)

    assert [row.kpi_id for row in card.rows] == [kpi.kpi_id for kpi in KPIS]


def test_without_a_period_the_one_that_holds_the_published_night_is_shown(home: Home) -> None:
    card = load_scorecard(home)

    assert card.period.label == "2026-10"
    assert (card.is_latest, card.is_complete) == (True, True)
    assert card.night == date(2026, 10, 31)


def test_a_row_carries_the_published_numbers_and_the_change(home: Home) -> None:
    row = row_of(home, "inquiry_within_4h")

    assert (row.value, row.target, row.status) == (0.926, 0.9, Status.MET)
    assert row.change == pytest.approx(-0.004)
    assert row.is_improvement is False


def test_a_shorter_time_is_an_improvement(home: Home) -> None:
    assert row_of(home, "document_turnaround").is_improvement is True


def test_the_trend_holds_twelve_periods_the_last_one_being_shown(home: Home) -> None:
    row = row_of(home, "material_request_satisfaction")

    assert len(row.trend) == TREND_PERIODS
    assert row.trend[0].period.label == "2025-11"
    assert row.trend[-1].value == row.value


def test_periods_without_a_cell_are_gaps_in_the_trend_not_zeros(home: Home) -> None:
    row = row_of(home, "onboarding_satisfaction")

    assert [point.value for point in row.trend] == [None] * 9 + [4.5, 4.6, None]


def test_an_earlier_period_is_shown_as_it_is_published(home: Home) -> None:
    row = row_of(home, "inquiry_within_4h", period="2026-09")

    assert row.value == 0.93
    assert row.trend[-1].period.label == "2026-09"


def test_a_kpi_that_is_not_measured_says_what_it_needs(home: Home) -> None:
    row = row_of(home, "report_usage")

    assert (row.value, row.status) == (None, Status.NO_DATA)
    assert row.missing_entities == ("report_uses",)


def test_a_target_that_nobody_agreed_to_is_marked(home: Home) -> None:
    assert row_of(home, "complaint_support_satisfaction").target_basis == "default"
    assert row_of(home, "inquiry_within_4h").target_basis == "agreed"


def test_a_target_inside_the_interval_makes_the_judgement_uncertain(home: Home) -> None:
    assert row_of(home, "document_turnaround").is_uncertain
    assert not row_of(home, "contract_followup_completion").is_uncertain


def test_names_come_in_the_language_asked_for(home: Home) -> None:
    assert row_of(home, "crm_entry_rate", lang="ko").name == "CRM 데이터 입력률"
    assert row_of(home, "crm_entry_rate", lang="en").name == "CRM entry rate"


def test_company_and_team_are_read_without_the_file_about_persons(tmp_path: Path) -> None:
    home = PublishedFixture(tmp_path).write()
    (home.published / "current" / "kpi_people.duckdb").unlink()

    assert load_scorecard(home, scope="team:영업지원1팀").scope.id == "영업지원1팀"
    with pytest.raises(SalesSupportKpiError, match=r"kpi_people\.duckdb cannot be read"):
        load_scorecard(home, scope="employee:e12")


def test_an_employee_is_shown_with_the_name(home: Home) -> None:
    assert load_scorecard(home, scope="employee:e12").scope.name == "김하늘"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"scope": "team:영업지원2팀"}, "did you mean 영업지원1팀"),
        ({"scope": "employee:zzz"}, "there is: e12"),
        ({"scope": "영업지원1팀"}, "team:영업지원1팀"),
        ({"scope": "team:"}, "write company, team:NAME or employee:ID"),
        ({"period": "2019-01"}, "there is 2025-11 to 2026-10"),
        ({"period": "2026-10", "grain": "quarter"}, "is a month"),
        ({"grain": "fortnight"}, "choose one of: day, week, month, quarter, year"),
    ],
)
def test_what_was_not_published_is_refused_with_a_hint(
    home: Home, wanted: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        load_scorecard(home, **wanted)  # type: ignore[arg-type]


def test_before_the_first_publish_it_says_what_to_do(empty_home: Home) -> None:
    with pytest.raises(UsageError, match=r"nothing has been published in .*kpi run"):
        load_scorecard(empty_home)


def test_a_reader_sees_one_whole_night_while_another_is_published(tmp_path: Path) -> None:
    home = PublishedFixture(tmp_path).write()
    first = load_scorecard(home).publish_id
    PublishedFixture(tmp_path, publish_id="2026-10-31.02").write()
    shutil.rmtree(home.published / "nights" / "2026-10-31.01")

    assert first == "2026-10-31.01"
    assert load_scorecard(home).publish_id == "2026-10-31.02"


def test_a_reader_does_not_keep_the_file_from_being_opened_for_writing(tmp_path: Path) -> None:
    home = PublishedFixture(tmp_path).write()
    load_scorecard(home)

    with duckdb.connect(str(home.published / "current" / "kpi.duckdb")) as connection:
        connection.execute("create table written (a int)")


def test_the_companys_zone_is_the_manifests(tmp_path: Path) -> None:
    home = PublishedFixture(tmp_path).write()
    path = home.published / "current" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | {"timezone": "UTC"}), encoding="utf-8")

    card = load_scorecard(home)

    assert card.timezone == "UTC"
    assert card.is_complete is False  # as_of is 15:00 on the 31st in that zone


def test_a_broken_manifest_is_one_sentence(tmp_path: Path) -> None:
    home = PublishedFixture(tmp_path).write()
    (home.published / "current" / "manifest.json").write_text("{", encoding="utf-8")

    with pytest.raises(SalesSupportKpiError, match=r"manifest\.json cannot be read"):
        load_scorecard(home)
