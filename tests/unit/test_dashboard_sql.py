"""What the dashboards' SQL says of a number is what the scorecard says of it."""

from datetime import date

import duckdb
import pytest

from sales_support_kpi import dashboard_sql as sql
from sales_support_kpi.dashboard_words import status_colours
from sales_support_kpi.report import formatting
from sales_support_kpi.report.labels import STATUS_LABELS, STATUS_SYMBOLS
from sales_support_kpi.report.model import ScorecardRow, Status
from sales_support_kpi.report.periods import Grain, Period

LANGUAGES = ("ko", "en")
VALUES = (
    None, 0.0, 1.0, 0.04, 0.05, 0.125, 0.98996, 0.9899999, 0.995, 2.0, 1.99999, 3.96, 4.25, 4.0,
    1319.0, 1319.04, 12345.678, 1.125,
)  # fmt: skip
TARGETS = (None, 0.99, 0.995, 2.0, 4.0, 1.25, 2.125, 1000.0)
UNITS = ("hours", "ratio", "score", "count")
ROWS = [
    ScorecardRow(
        "kpi", "name", "definition", unit, better, status=status, value=value, target=target,
        previous_value=before, ci_low=low, ci_high=high, attainment=value,
    )
    for unit in UNITS
    for better, status, before in (
        ("higher", Status.MISSED, 1.0), ("lower", Status.MET, 0.98), ("higher", Status.AT_RISK, 4)
    )
    for value in VALUES
    for target in TARGETS
    for low, high in ((0.3, 0.98),)
]  # fmt: skip
INTERVALS = [(None, None), (0.2, 0.4), (-0.3, 1.2), (4.96, 5.4), (0.0, 0.00004), (10.0, 1319.4)]


def said(expression, rows):
    """What DuckDB makes of an expression, row by row."""
    columns = ("value", "target", "status", "change", "attainment", "low", "high", "unit", "better")
    kinds = ("double", "double", "text", "double", "double", "double", "double", "text", "text")
    casts = ", ".join(
        f"?::{kind}[] as {column}" for column, kind in zip(columns, kinds, strict=True)
    )
    lists = [
        [getattr(row, {"low": "ci_low", "high": "ci_high"}.get(name, name)) for row in rows]
        for name in columns
    ]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"with lists as (select {casts}), k as (select "
            + ", ".join(f"unnest({column}) as {column}" for column in columns)
            + f" from lists) select {expression} from k",
            lists,
        )
        return [text for (text,) in found.fetchall()]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_values_targets_changes_and_shares_read_as_on_the_scorecard(lang):
    en = lang == "en"
    for expression, meant in (
        (sql.number_text("k.value", en=en),
         lambda row: formatting.format_value(row.value, row.unit, lang)),
        (sql.value_text("k.value", "k.target", "k.status", en=en),
         lambda row: formatting.format_row_value(row, lang)),
        (sql.target_text("k.target", en=en), lambda row: formatting.format_target(row, lang)),
        (sql.change_text("k.change", en=en), lambda row: formatting.format_change(row, lang)),
        (sql.attainment_text("k.attainment", en=en),
         lambda row: formatting.format_attainment(row, lang)),
        (sql.status_text("k.status", en=en),
         lambda row: f"{STATUS_SYMBOLS[row.status]} {STATUS_LABELS[lang][row.status]}"),
    ):  # fmt: skip
        assert said(expression, ROWS) == [meant(row) for row in ROWS]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("low", "high"), INTERVALS)
def test_an_interval_reaches_as_far_as_its_unit(lang, low, high):
    rows = [
        ScorecardRow("kpi", "name", "", unit, "higher", ci_low=low, ci_high=high) for unit in UNITS
    ]
    expression = sql.interval_text("k.low", "k.high", en=lang == "en")
    assert said(expression, rows) == [formatting.format_interval(row, lang) for row in rows]


@pytest.mark.parametrize("grain", list(Grain))
def test_a_period_is_written_as_people_type_it(grain):
    start = {Grain.WEEK: date(2026, 12, 28), Grain.QUARTER: date(2026, 10, 1)}
    day = start.get(grain, date(2026, 1, 1))
    with duckdb.connect() as connection:
        text = connection.execute(
            f"select {sql.period_text('g', 'd')} from (select '{grain.value}' as g, ?::date as d)",
            [day],
        ).fetchone()
    assert text == (Period(grain, day).label,)


def test_no_status_is_told_by_colour_alone_and_each_has_one():
    colours = status_colours()
    for lang in LANGUAGES:
        for status in Status:
            assert f"{STATUS_SYMBOLS[status]} {STATUS_LABELS[lang][status]}" in colours


def test_a_tie_that_is_shown_only_is_no_difference() -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {sql.tied_text('tied', en=True)} from unnest([true, false, null]) as t(tied)"
        ).fetchall()

    assert found == [("✓ tied",), ("✗ differs",), ("–",)]
