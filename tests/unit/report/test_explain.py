"""`kpi explain` on a hand-made night: what it compares, says, and refuses."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from publishing import Kpi, PublishedFixture
from rich.cells import cell_len

from sales_support_kpi.cli import main
from sales_support_kpi.errors import UsageError
from sales_support_kpi.report.explain import explain
from sales_support_kpi.report.explain_figures import figures
from sales_support_kpi.report.explain_machine import (
    explanation_csv,
    explanation_json,
    explanation_xlsx,
)
from sales_support_kpi.report.explain_model import Explanation
from sales_support_kpi.report.explain_text import explanation_text
from sales_support_kpi.report.explain_words import sentence
from sales_support_kpi.report.model import Lang
from sales_support_kpi.settings import Home

INQUIRY, ACCURACY, INSIGHTS = "inquiry_within_4h", "customer_record_accuracy", "insights_delivered"
TIME, OLD, HELD = "inquiry_handling_time", "report_usage", "onboarding_satisfaction"


def row(
    kpi_id: str,
    record_id: str,
    month: int,
    numerator: float,
    denominator: float | None = 1,
    *,
    day: int = 5,
    aggregation: str = "flow",
    channel: str | None = None,
    segment: str | None = None,
    employee_id: str | None = "e12",
) -> tuple[object, ...]:
    team = "영업지원1팀" if employee_id else None
    occurred_at = datetime(2026, month, day, 3, tzinfo=UTC)
    return (
        kpi_id, "all", aggregation, occurred_at, employee_id, team, numerator, denominator,
        "inquiry", channel, None, segment, "helpdesk", "requests", record_id, 7, None,
    )  # fmt: skip


ROWS = [
    *(row(INQUIRY, f"s{place}", 9, numerator, channel=channel)
      for place, (numerator, channel) in enumerate(
          [(1, "email"), (1, "email"), (1, "phone"), (0, "phone")])),
    *(row(INQUIRY, f"o{place}", 10, numerator, channel=channel)
      for place, (numerator, channel) in enumerate(
          [(1, "email"), (0, "email"), (1, "phone"), (0, "=chat()")])),
    *(row(TIME, f"t{month}{place}", month, hours, channel=channel)
      for month, place, hours, channel in (
          (9, 1, 2.0, "email"), (9, 2, 3.0, None), (10, 1, 3.6, "email"), (10, 2, 3.0, None))),
    # small until October, then mid-size and wrong; the other one stays as it is
    row(ACCURACY, "c1", 3, 1, aggregation="stock", segment="small"),
    row(ACCURACY, "c2", 3, 1, aggregation="stock", segment="small"),
    row(ACCURACY, "c1", 10, -1, 0, aggregation="stock", segment="mid"),
    row(INSIGHTS, "i1", 9, 1, None, employee_id=None),
    *(row(INSIGHTS, f"i{place}", 10, 1, None) for place in (2, 3, 4)),
    row(OLD, "u1", 10, 1),
]  # fmt: skip
KPIS = (
    Kpi(INQUIRY, "고객 문의", "Inquiries", "ratio", target=0.9, values=(0.75, 0.5), sample=4),
    Kpi(TIME, "처리 시간", "Handling time", "hours", "lower", target=4.0, values=(2.5, 3.3),
        sample=2),
    Kpi(ACCURACY, "정확도", "Accuracy", "ratio", aggregation="stock", values=(1.0, 0.5), sample=2),
    Kpi(INSIGHTS, "인사이트", "Insights", "count", target=2, values=(1, 3)),
    Kpi(OLD, "활용도", "Usage", "ratio", target=0.8, values=(None, 1.0), sample=1),
    Kpi(HELD, "온보딩", "Onboarding", "score", status="withheld", values=(4.0, None)),
    Kpi("report_on_time", "리포트", "Reports", "ratio", values=(None,), missing="deliveries"),
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return PublishedFixture(tmp_path_factory.mktemp("explain"), kpis=KPIS, rows=ROWS).write()


def why(home: Home, kpi_id: str, lang: Lang = "en", **asked: str) -> Explanation:
    return explain(home, kpi_id, period="2026-10", lang=lang, **asked)


def effects(explanation: Explanation) -> dict[str | None, float]:
    return {each.group: each.total_effect for each in explanation.chosen.effects}


def test_the_change_between_two_periods_is_split_over_the_groups(home: Home) -> None:
    found = why(home, INQUIRY, versus="2026-09", by="channel")

    assert (found.value, found.base_value, found.is_published) == (0.5, 0.75, True)
    assert effects(found) == {"email": -0.25, "phone": 0.1875, "=chat()": -0.1875}
    assert sum(effects(found).values()) == found.difference


def test_without_another_period_the_target_is_compared_with(home: Home) -> None:
    found = why(home, INQUIRY, by="channel")

    assert found.base_period is None
    assert found.base_value == 0.9
    assert effects(found) == pytest.approx({"email": -0.2, "phone": 0.025, "=chat()": -0.225})


def test_previous_means_the_period_before(home: Home) -> None:
    found = why(home, INQUIRY, versus="previous")

    assert found.base_period is not None
    assert found.base_period.label == "2026-09"


def test_a_record_that_was_described_anew_is_judged_where_it_is_now(home: Home) -> None:
    found = why(home, ACCURACY, versus="2026-09", by="segment")

    assert effects(found) == {"mid": -0.5, "small": 0.0}
    assert [record.record_id for record in found.records] == ["c1"]


def test_counts_are_compared_group_by_group_and_the_target_taken_off_once(home: Home) -> None:
    change = why(home, INSIGHTS, versus="2026-09", by="employee")
    distance = why(home, INSIGHTS, by="employee")

    assert effects(change) == {"e12": 3, None: -1}
    lines = [(each.group, each.is_target, each.total_effect) for each in distance.chosen.effects]
    assert lines == [("e12", False, 3), (None, True, -2)]
    assert "the target" in explanation_text(distance)


def test_without_a_dimension_the_most_concentrated_one_is_shown(home: Home) -> None:
    found = why(home, INQUIRY, versus="2026-09")

    assert found.chosen.dimension == "channel"  # all have the same kind, team and assignee
    assert found.others == ()
    several = why(home, INSIGHTS, versus="2026-09")
    ranked = [several.chosen, *several.others]
    assert {each.dimension for each in ranked} == {"team", "employee"}
    assert [each.concentration for each in ranked] == sorted(
        (each.concentration for each in ranked), reverse=True
    )


def test_records_pull_the_way_their_group_did(home: Home) -> None:
    found = why(home, INQUIRY, versus="2026-09", by="channel")

    assert {(record.group, record.record_id) for record in found.records} == {
        ("email", "o1"), ("phone", "o2"), ("=chat()", "o3"),
    }  # fmt: skip
    assert all(record.source == "helpdesk" for record in found.records)


def test_a_group_that_is_gone_shows_its_records_of_before(home: Home) -> None:
    found = explain(home, INQUIRY, period="2026-09", versus="2026-10", by="channel")

    gone = [record for record in found.records if record.group == "=chat()"]
    assert [(record.record_id, record.is_of_base) for record in gone] == [("o3", True)]


def test_a_scope_below_the_company_is_explained_from_its_own_rows(home: Home) -> None:
    found = why(home, INQUIRY, scope="team:영업지원1팀", versus="2026-09")

    assert found.is_published
    assert found.difference == -0.25


@pytest.mark.parametrize(
    ("kpi_id", "versus", "lang", "said"),
    [
        (TIME, "2026-09", "ko", "9월보다 0.8시간 늘어난 이유: 채널별 이메일 +0.8시간 (느려짐)"),
        (TIME, "2026-09", "en", "Why 0.8 h longer than in September: by channel, email +0.8 h (s"),
        (TIME, None, "ko", "목표 4.0시간보다 0.7시간 짧은 이유"),
        (INQUIRY, "2026-09", "en", "Why 25.0 pp lower than in September"),
        (INQUIRY, None, "en", "Why 40.0 pp below the target of 90.0 %"),
        (INSIGHTS, "2026-09", "ko", "9월보다 2건 늘어난 이유"),
        (INSIGHTS, None, "en", "Why 1 above the target of 2"),
    ],
)  # fmt: skip
def test_it_is_said_in_words(
    home: Home, kpi_id: str, versus: str | None, lang: Lang, said: str
) -> None:
    found = explain(home, kpi_id, period="2026-10", versus=versus, lang=lang)

    assert sentence(found, figures(found)).startswith(said)


def test_a_missing_value_is_called_none(home: Home) -> None:
    assert "(없음)" in explanation_text(why(home, TIME, "ko", versus="2026-09", by="channel"))
    assert "(none)" in explanation_text(why(home, TIME, "en", versus="2026-09", by="channel"))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("kpi_id", [INQUIRY, TIME, ACCURACY, INSIGHTS])
def test_what_is_shown_fits_and_adds_up(home: Home, kpi_id: str, lang: Lang) -> None:
    found = why(home, kpi_id, lang, versus="2026-09")
    shown = figures(found, most=2)

    assert sum(line.total_units for line in shown.lines) == shown.difference_units
    for line in shown.lines:
        if line.rate_units is not None and line.mix_units is not None:
            assert line.rate_units + line.mix_units == line.total_units
    assert shown.number(shown.value_units) == pytest.approx(found.value)
    for text_line in explanation_text(found, 80).splitlines():
        assert cell_len(text_line) <= 80


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kpi_id": "inquiry_within_4"}, "did you mean inquiry_within_4h"),
        ({"kpi_id": INQUIRY, "by": "chanel"}, "did you mean channel"),
        ({"kpi_id": INQUIRY, "by": "priority"}, "have no priority"),
        ({"kpi_id": INQUIRY, "versus": "2026-Q3"}, "only periods of the same length"),
        ({"kpi_id": INQUIRY, "versus": "2026-10"}, "does not differ from itself"),
        ({"kpi_id": INQUIRY, "versus": "2020-01"}, "no values were published for 2020-01"),
        ({"kpi_id": OLD, "versus": "2026-09"}, "2026-09 (company) has no data"),
        ({"kpi_id": ACCURACY}, "has no target for 2026-10 (company); .* --vs 2026-09"),
        ({"kpi_id": HELD, "versus": "2026-09"}, "is withheld"),
        ({"kpi_id": "report_on_time"}, "is not measured: needs deliveries"),
        ({"kpi_id": INQUIRY, "scope": "team:영업지원9팀"}, "nothing was published for team"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_sentence(
    home: Home, asked: dict[str, str], message: str
) -> None:
    pattern = message.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(UsageError, match=pattern):
        why(home, **asked)  # type: ignore[arg-type]


def test_json_holds_every_number_in_full(home: Home) -> None:
    content = json.loads(explanation_json(why(home, INQUIRY, versus="2026-09")))

    assert (content["period"], content["versus"], content["dimension"]) == (
        "2026-10", "2026-09", "channel",
    )  # fmt: skip
    assert sum(each["total_effect"] for each in content["effects"]) == content["difference"]
    assert content["records"][0]["record_id"] == "o1"
    assert content["equals_published"] is True


def test_csv_has_a_line_per_group_and_no_formula(home: Home) -> None:
    lines = list(csv.DictReader(io.StringIO(explanation_csv(why(home, INQUIRY, versus="2026-09")))))

    assert {line["group"] for line in lines} == {"email", "phone", "'=chat()"}
    assert sum(float(line["total_effect"]) for line in lines) == -0.25
    assert {line["difference"] for line in lines} == {"-0.25"}


@pytest.mark.parametrize("kpi_id", [INQUIRY, INSIGHTS])
def test_the_workbook_sums_its_effects_itself(home: Home, kpi_id: str) -> None:
    book = load_workbook(io.BytesIO(explanation_xlsx(why(home, kpi_id, "ko", versus="2026-09"))))

    sheet = book["이유"]
    last = sheet[sheet.max_row]
    assert last[0].value == "합계"
    assert str(last[-1].value).startswith("=SUM(")
    texts = [cell.value for cells in sheet for cell in cells if isinstance(cell.value, str)]
    assert not any(text.startswith("=chat") for text in texts)
    assert book["건별"].max_row > 1


def test_the_command_prints_the_explanation_alone(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["explain", INQUIRY, "--period", "2026-10", "--home", str(home.root)]

    assert main([*arguments, "--vs", "2026-09", "--lang", "en"]) == 0
    printed = capsys.readouterr()
    assert "Why 25.0" in printed.out
    assert "−25.0 pp" in printed.out
    assert printed.err == ""
    assert main([*arguments, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["versus"] == "target"


def test_the_command_writes_a_file_by_its_ending(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("why.xlsx", "why.csv", "why.txt"):
        file = tmp_path / name
        assert main(["explain", INQUIRY, "--home", str(home.root), "-o", str(file)]) == 0
        assert file.stat().st_size > 100
    assert main(["explain", ACCURACY, "--home", str(home.root)]) == 2
    assert "has no target" in capsys.readouterr().err
