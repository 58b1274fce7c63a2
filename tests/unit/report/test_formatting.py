import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_support_kpi.report import formatting
from sales_support_kpi.report.model import Lang, ScorecardRow, Status, TrendPoint
from sales_support_kpi.report.periods import parse_period


def row(unit: str = "ratio", better: str = "higher", **fields: object) -> ScorecardRow:
    return ScorecardRow("k", "name", "", unit, better, **fields)  # type: ignore[arg-type]


def trend(*values: float | None, target: float | None = None) -> tuple[TrendPoint, ...]:
    first = parse_period("2026-01")
    return tuple(
        TrendPoint(first.shifted(index), value, target) for index, value in enumerate(values)
    )


@pytest.mark.parametrize(
    ("value", "unit", "english", "korean"),
    [
        (1.84, "hours", "1.8 h", "1.8시간"),
        (0.984, "ratio", "98.4 %", "98.4%"),
        (4.312, "score", "4.3", "4.3"),
        (3.0, "count", "3", "3"),
        (1234567.0, "count", "1,234,567", "1,234,567"),
        (-0.00001, "ratio", "0.0 %", "0.0%"),
        (None, "ratio", "–", "–"),
    ],
)
def test_a_value_is_written_with_its_unit(
    value: float | None, unit: str, english: str, korean: str
) -> None:
    assert formatting.format_value(value, unit, "en") == english
    assert formatting.format_value(value, unit, "ko") == korean


def test_a_missed_target_is_never_rounded_onto_the_target() -> None:
    missed = row(value=0.98996, target=0.99, status=Status.AT_RISK)

    assert formatting.format_row_value(missed, "en") == "98.996 %"


def test_a_value_that_is_the_target_up_to_noise_is_still_written() -> None:
    missed = row(value=0.99 - 1e-8, target=0.99, status=Status.AT_RISK)

    assert formatting.format_row_value(missed, "en") == "99.0000 %"


@pytest.mark.parametrize(
    ("target", "unit", "better", "text"),
    [
        (0.99, "ratio", "higher", "≥ 99 %"),
        (0.995, "ratio", "higher", "≥ 99.5 %"),
        (2.0, "hours", "lower", "≤ 2.0 h"),
        (2, "count", "higher", "≥ 2"),
        (4.25, "score", "higher", "≥ 4.25"),
        (None, "score", "higher", "–"),
    ],
)
def test_a_target_says_its_direction(
    target: float | None, unit: str, better: str, text: str
) -> None:
    assert formatting.format_target(row(unit, better, target=target), "en") == text


@pytest.mark.parametrize(
    ("value", "before", "unit", "text"),
    [
        (0.926, 0.93, "ratio", "-0.4 pp"),
        (0.9302, 0.93, "ratio", "+0.02 pp"),
        (3.0, 1.0, "count", "+2"),
        (1.8, 2.2, "hours", "-0.4 h"),
        (4.0, 4.0, "score", "="),
        (None, 4.0, "score", "–"),
        (4.0, None, "score", "–"),
    ],
)
def test_a_change_is_signed_and_ratios_change_in_points(
    value: float | None, before: float | None, unit: str, text: str
) -> None:
    changed = row(unit, value=value, previous_value=before)

    assert formatting.format_change(changed, "en") == text


def test_an_almost_reached_target_is_not_called_a_hundred_percent() -> None:
    assert formatting.format_attainment(row(attainment=0.9996), "en") == "99 %"
    assert formatting.format_attainment(row(attainment=1.0), "en") == "100 %"
    assert formatting.format_attainment(row(attainment=0.57), "en") == "57 %"  # 56.999… in binary


def test_an_interval_is_shown_as_far_as_the_unit_reaches() -> None:
    assert formatting.format_interval(row("score", ci_low=-2.9, ci_high=9.9), "en") == "1.0–5.0"
    assert formatting.format_interval(row("hours", ci_low=-0.4, ci_high=2.0), "en") == "0.0–2.0 h"
    assert formatting.format_interval(row(ci_low=0.978, ci_high=0.989), "ko") == "97.8–98.9%"


def test_a_sparkline_spans_values_and_target_and_marks_gaps() -> None:
    assert formatting.sparkline(row(trend=trend(0.0, None, 1.0))) == "▁·█"
    assert formatting.sparkline(row(trend=trend(0.5, 0.5, target=1.0))) == "▁▁"
    assert formatting.sparkline(row(trend=trend(None, None))) == "··"


@given(
    st.lists(st.none() | st.floats(-1e9, 1e9), max_size=12),
    st.none() | st.floats(-1e9, 1e9),
    st.sampled_from(["hours", "ratio", "score", "count"]),
    st.sampled_from(["ko", "en"]),
)
def test_any_numbers_can_be_shown(
    values: list[float | None], target: float | None, unit: str, lang: Lang
) -> None:
    shown = row(unit, value=values[-1] if values else None, target=target,
                previous_value=values[0] if values else None, status=Status.MISSED,
                trend=trend(*values, target=target))  # fmt: skip

    assert len(formatting.sparkline(shown)) == len(values)
    for write in (formatting.format_row_value, formatting.format_target, formatting.format_change):
        assert write(shown, lang)
