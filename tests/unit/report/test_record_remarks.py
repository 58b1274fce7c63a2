"""The audit's estimate and the fixes needed, beside the accuracy of customer records."""

from pathlib import Path

import duckdb
import pytest
from publishing import PublishedFixture

from sales_support_kpi.report.model import Lang
from sales_support_kpi.report.notes import row_notes
from sales_support_kpi.report.scorecard import load_scorecard
from sales_support_kpi.report.text import scorecard_text
from sales_support_kpi.settings import Home

_TABLES = """
create table audit_estimates as
select 'customer_record_accuracy' as kpi_id, * from (values
    ('audits-2026-10', date '2026-10-01', 'simple', 900, 0.9, 0.85, 0.95, 0.05),
    ('audit-2026-10-200-ab', date '2026-10-01', 'stratified', 180, 0.979, 0.95, 0.992, 0.0204)
) as found (sample_id, period_start, method, judged_count, estimate, ci_low, ci_high, unseen_share);
create table customer_record_progress as
select 'customer_record_accuracy' as kpi_id, * from (values
    ('company', 'company', 11), ('team', '영업지원1팀', 0)
) as found (scope_type, scope_id, fixes_needed);
"""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = PublishedFixture(tmp_path_factory.mktemp("audited") / "var").write()
    file = home.published / "current" / "kpi.duckdb"
    file.chmod(0o600)
    with duckdb.connect(str(file)) as connection:
        connection.execute(_TABLES)
    return home


def remarks(home: Home, **asked: str) -> tuple[str, ...]:
    card = load_scorecard(home, lang="en", **asked)  # type: ignore[arg-type]
    (row,) = (row for row in card.rows if row.kpi_id == "customer_record_accuracy")
    assert set(row.remarks) <= set(row_notes(row, "en"))
    return row.remarks


def test_a_drawn_sample_speaks_before_audits_that_nobody_drew(audited: Home) -> None:
    assert remarks(audited) == (
        "11 fixes to reach the target",
        "audit of 180 by hand: 97.9 % (95.0 %–99.2 %), errors no rule sees 2.0 %",
    )


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("ko", "수기 점검 900건(임의 추출이라면): 90.0% (85.0%–95.0%), 규칙이 못 본 오류 5.0%"),
        (
            "en",
            "audit of 900 by hand, as if drawn at random: 90.0 % (85.0 %–95.0 %)",
        ),
    ],
)
def test_audits_that_nobody_drew_speak_where_there_is_no_sample(
    tmp_path: Path, lang: Lang, said: str
) -> None:
    home = PublishedFixture(tmp_path / "var").write()
    file = home.published / "current" / "kpi.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(_TABLES)
        connection.execute("delete from audit_estimates where method = 'stratified'")
    (row,) = (
        row
        for row in load_scorecard(home, lang=lang).rows
        if row.kpi_id == "customer_record_accuracy"
    )
    assert [remark for remark in row.remarks if remark.startswith(said)]


def test_another_month_and_a_reached_target_say_nothing(audited: Home) -> None:
    assert remarks(audited, period="2026-09") == ()
    assert remarks(audited, scope="team:영업지원1팀") == ()


def test_the_terminal_says_it_too(audited: Home) -> None:
    shown = scorecard_text(load_scorecard(audited), 120)
    assert "고객 정보 업데이트 정확도: 목표까지 11건 수정 필요" in shown


def test_a_night_without_audits_has_no_remark(tmp_path: Path) -> None:
    assert remarks(PublishedFixture(tmp_path / "var").write()) == ()
