"""The stratified estimate: by hand, its exact gap, and how often its interval is right."""

from collections.abc import Iterable
from math import sqrt
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from rule_sql import model

from sales_support_kpi.records.sampling import Stratum, allocate

Z = 1.959963984540054
OCTOBER = "date '2026-10-01'"


def estimates(
    strata: pa.Table, verdicts: pa.Table, order: str = "sample_id", records: int = 1000
) -> list[Any]:
    """Rows of audit_estimates; `strata`: control.audit_samples, `verdicts`: audit_verdicts.

    `records` are those that the KPI counts at the month's end.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            "create table night as select timestamptz '2026-10-31 15:00:00+00' as as_of, "
            "'Asia/Seoul' as timezone"
        )
        connection.execute(
            "create table kpi_values as select 'customer_record_accuracy' as kpi_id, "
            f"'month' as grain, 'company' as scope_type, {OCTOBER} as period_start, "
            f"0.98::double as value, {records}::double as denominator"
        )
        connection.register("drawn_strata", strata)
        connection.register("given_verdicts", verdicts)
        connection.execute(
            f"create table audit_samples as select *, {OCTOBER} as month_start from drawn_strata"
        )
        connection.execute(
            "create table audit_verdicts as select *, "
            "timestamptz '2026-10-20 00:00:00+00' as audited_at from given_verdicts"
        )
        cursor = connection.execute(
            f"select * from ({model('marts/company/audit_estimates.sql')}) order by {order}"
        )
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def strata_table(rows: Iterable[tuple[str, str, int, int]]) -> pa.Table:
    sample, stratum, population, drawn = zip(*rows, strict=True)
    return pa.table(
        {
            "sample_id": pa.array(sample, pa.string()),
            "stratum": pa.array(stratum, pa.string()),
            "population": pa.array(population, pa.int64()),
            "drawn": pa.array(drawn, pa.int64()),
        }
    )


def verdict_table(
    sample: Any, stratum: Any, is_accurate: Any, passes: Any = None, is_drawn: bool = True
) -> pa.Table:
    size = len(is_accurate)
    return pa.table(
        {
            "audit_id": pa.array([str(n) for n in range(size)]),
            "sample_id": pa.array(sample, pa.string()),
            "stratum": pa.array(stratum, pa.string()),
            "is_accurate": pa.array(is_accurate, pa.bool_()),
            "passes_rules": pa.array(passes if passes is not None else [True] * size, pa.bool_()),
            "is_drawn": pa.array([is_drawn] * size, pa.bool_()),
        }
    )


def test_two_strata_by_hand() -> None:
    """900 records, 9 of 10 right; 100 records, 2 of 4 right: 0.9 · 0.9 + 0.1 · 0.5 = 0.86."""
    strata = strata_table([("s", "a", 900, 10), ("s", "b", 100, 4)])
    right = [True] * 9 + [False] + [True, True, False, False]
    passing = [True] * 10 + [True, False, True, False]
    verdicts = verdict_table(["s"] * 14, ["a"] * 10 + ["b"] * 4, right, passing)
    (found,) = estimates(strata, verdicts)
    assert found["estimate"] == pytest.approx(0.86)
    variance = 0.81 * (1 - 10 / 900) * 0.09 / 9 + 0.01 * (1 - 4 / 100) * 0.25 / 3
    size = min(0.86 * 0.14 / variance, 14 / (1 - 14 / 1000))
    middle = (0.86 + Z * Z / (2 * size)) / (1 + Z * Z / size)
    half = Z * sqrt(0.86 * 0.14 / size + Z * Z / (4 * size * size)) / (1 + Z * Z / size)
    assert found["ci_low"] == pytest.approx(middle - half)
    assert found["ci_high"] == pytest.approx(middle + half)
    # of stratum a one passes and is wrong; of b one passes and is wrong, one fails and is right
    assert found["unseen_share"] == pytest.approx(0.9 * 0.1 + 0.1 * 0.25)
    assert found["overstrict_share"] == pytest.approx(0.1 * 0.25)
    assert found["rule_estimate"] == pytest.approx(0.9 + 0.1 * 0.5)
    gap = found["overstrict_share"] - found["unseen_share"]
    assert found["estimate"] - found["rule_estimate"] == pytest.approx(gap)


def test_a_stratum_nobody_has_looked_at_leaves_its_weight_to_the_others() -> None:
    strata = strata_table([("s", "a", 900, 10), ("s", "b", 100, 4)])
    (found,) = estimates(strata, verdict_table(["s"] * 4, ["a"] * 4, [True, True, True, False]))
    assert found["estimate"] == pytest.approx(0.75)
    assert (found["judged_count"], found["drawn_count"], found["population"]) == (4, 14, 1000)


def test_all_right_is_no_certainty_and_a_census_is_one() -> None:
    some = strata_table([("s", "a", 900, 30)])
    (found,) = estimates(some, verdict_table(["s"] * 30, ["a"] * 30, [True] * 30))
    assert found["estimate"] == found["ci_high"] == 1
    assert 0.88 < found["ci_low"] < 0.9
    every = strata_table([("s", "a", 30, 30)])
    (found,) = estimates(every, verdict_table(["s"] * 30, ["a"] * 30, [True] * 29 + [False]))
    assert found["ci_low"] == found["ci_high"] == found["estimate"] == pytest.approx(29 / 30)


def test_audits_that_nobody_drew_count_for_their_month_as_a_simple_sample() -> None:
    verdicts = verdict_table(
        ["audits-2026-10"] * 20, ["all"] * 20, [True] * 19 + [False], is_drawn=False
    )
    (found,) = estimates(strata_table([("other", "a", 5, 2)]), verdicts)
    assert (found["method"], found["population"], found["kpi_value"]) == ("simple", 1000, 0.98)
    assert found["estimate"] == pytest.approx(0.95)
    assert 0.75 < found["ci_low"] < 0.77


def test_audits_of_records_of_which_none_is_left_say_nothing_of_the_month() -> None:
    verdicts = verdict_table(["audits-2026-10"] * 2, ["all"] * 2, [True, False], is_drawn=False)
    assert estimates(strata_table([("other", "a", 5, 2)]), verdicts, records=0) == []


@pytest.mark.parametrize("overall", [0.9, 0.97, 0.99])
def test_the_interval_holds_the_truth_as_often_as_it_says(overall: float) -> None:
    """2,000 samples of 200 from 3,200 records in five strata of different quality."""
    draw = np.random.default_rng(20261031)
    sizes = (2000, 800, 300, 60, 40)
    wrong = [
        round(n * (1 - overall) * share) for n, share in zip(sizes, (0.5, 2, 2, 1, 0), strict=True)
    ]
    plan = allocate([Stratum(f"s{n}", size) for n, size in enumerate(sizes)], 200)
    truth = 1 - sum(wrong) / sum(sizes)
    samples, strata, right = [], [], []
    rows = []
    for sample in range(2000):
        for one, faulty in zip(plan, wrong, strict=True):
            found = draw.hypergeometric(one.population - faulty, faulty, one.drawn)
            samples += [str(sample)] * one.drawn
            strata += [one.name] * one.drawn
            right += [True] * found + [False] * (one.drawn - found)
            rows.append((str(sample), one.name, one.population, one.drawn))
    made = estimates(strata_table(rows), verdict_table(samples, strata, right))
    covered = np.mean([one["ci_low"] <= truth <= one["ci_high"] for one in made])
    assert 0.94 <= covered <= 0.995, covered
    assert np.mean([one["estimate"] for one in made]) == pytest.approx(truth, abs=0.001)
