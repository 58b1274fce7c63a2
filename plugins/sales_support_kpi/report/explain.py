"""Why a value differs: published rows of two periods (or one and its target) → the exact split.

The rows are those of `kpi rows`, so the effects sum to the difference of two published values. Of
all dimensions the one is chosen in which the effect sits in the fewest groups.
"""

from collections.abc import Sequence
from typing import Final

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report import explain_split as split
from sales_support_kpi.report.beside import Beside, load_beside
from sales_support_kpi.report.explain_model import DimensionSplit, Explanation, Record
from sales_support_kpi.report.explain_split import Effect, Group, Sums
from sales_support_kpi.report.explain_sql import (
    DIMENSIONS,
    described_query,
    dimensions_query,
    records_query,
    sums_query,
)
from sales_support_kpi.report.model import Lang, Status
from sales_support_kpi.report.periods import Period, parse_period
from sales_support_kpi.report.published import Reader, from_micros, suggestion
from sales_support_kpi.report.rows import ValueRows, open_rows
from sales_support_kpi.report.rows_sql import HOLDER_COLUMNS
from sales_support_kpi.settings import Home

PREVIOUS: Final = "previous"
_GROUPS_WITH_RECORDS: Final = 3
_RECORDS: Final = 3


def explain(
    home: Home,
    kpi_id: str,
    *,
    period: str | None = None,
    grain: str | None = None,
    versus: str | None = None,
    by: str | None = None,
    scope: str = "company",
    lang: Lang = "ko",
) -> Explanation:
    """Split the difference between a value and another period's, or its target.

    Args:
        home: where the night was published.
        kpi_id: the KPI.
        period: `2026`, `2026-Q4`, `2026-10`, `2026-W44` or `2026-10-31`; by default the period
            that holds the published night.
        grain: when no period is given.
        versus: another period of the same grain, or `previous`; left out: the target.
        by: the dimension; by default the one in which the effect is most concentrated.
        scope: `company`, `team:NAME` or `employee:ID`.
        lang: language of names.

    Raises:
        UsageError: there is no such KPI, period, scope or dimension; a side has no value; or
            there is no target.
    """
    wanted = _dimension(by)
    with open_rows(home, kpi_id, period=period, grain=grain, scope=scope, lang=lang) as now:
        base_period = _base_period(now.period, versus)
        _require_value(now)
        sums = _sums(now)
        if base_period is None:
            base_value = _target(now)
            splits = [_against_target(now, name, sides, base_value) for name, sides in sums.items()]
            chosen, others = _choose(now, splits, wanted)
            return _explanation(
                now,
                None,
                base_value,
                chosen,
                others,
                wanted,
                _records(now, None, base_value, chosen),
                True,
            )
        with open_rows(home, kpi_id, period=base_period.label, scope=scope, lang=lang) as base:
            if base.night.publish_id != now.night.publish_id:
                raise UsageError("another night was published meanwhile; ask again")
            _require_value(base)
            base_value, base_sums = base.total.value or 0.0, _sums(base)
            splits = [_between(now, name, sums[name], base_sums[name]) for name in DIMENSIONS]
            chosen, others = _choose(now, splits, wanted)
            return _explanation(
                now,
                base_period,
                base_value,
                chosen,
                others,
                wanted,
                _records(now, base, base_value, chosen),
                base.total.is_published,
            )


def _explanation(
    now: ValueRows,
    base_period: Period | None,
    base_value: float,
    chosen: DimensionSplit,
    others: tuple[DimensionSplit, ...],
    wanted: str | None,
    records: tuple[Record, ...],
    is_base_published: bool,
) -> Explanation:
    return Explanation(
        kpi_id=now.kpi_id,
        name=now.name,
        unit=now.unit,
        better=now.better,
        scope=now.scope,
        period=now.period,
        base_period=base_period,
        night=now.night,
        lang=now.lang,
        value=now.total.value or 0.0,
        base_value=base_value,
        chosen=chosen,
        is_chosen_by_rule=wanted is None,
        others=others,
        records=records,
        is_published=now.total.is_published and is_base_published,
        group_names=_employee_names(now.reader),
        beside=load_beside(now.reader, now.period, now.scope).get(now.kpi_id, Beside()),
    )


def _dimension(by: str | None) -> str | None:
    if by is None:
        return None
    name = by.strip().casefold().removesuffix("_id")
    if name not in DIMENSIONS:
        raise UsageError(
            f"a difference cannot be split by {by!r}; {suggestion(name, list(DIMENSIONS))}"
        )
    return name


def _base_period(period: Period, versus: str | None) -> Period | None:
    if versus is None:
        return None
    if versus.strip().casefold() == PREVIOUS:
        return period.previous()
    base = parse_period(versus)
    if base.grain is not period.grain:
        raise UsageError(
            f"{base.label} is a {base.grain} and {period.label} a {period.grain}; "
            "only periods of the same length can be compared"
        )
    if base == period:
        raise UsageError(f"{period.label} does not differ from itself; name another period")
    return base


def _require_value(rows: ValueRows) -> None:
    """Refuse a side without a value, and say why it has none.

    Raises:
        UsageError: it has none.
    """
    where = f"{rows.kpi_id} in {rows.period.label} ({rows.scope.text})"
    if rows.missing_entities:
        raise UsageError(f"{rows.kpi_id} is not measured: needs {rows.missing_entities}")
    if rows.total.status is Status.WITHHELD:
        raise UsageError(f"{where} is withheld, because the data failed a check; see data_quality")
    if rows.total.value is None:
        raise UsageError(f"{where} has no data, so there is no difference to explain")


def _target(rows: ValueRows) -> float:
    found = rows.reader.select(
        "select target from kpi_values where kpi_id = ? and grain = ? and period_start = ?"
        " and scope_type = ? and scope_id = ?",
        [rows.kpi_id, str(rows.period.grain), rows.period.start, rows.scope.type, rows.scope.id],
    )
    if not found or found[0]["target"] is None:
        raise UsageError(
            f"{rows.kpi_id} has no target for {rows.period.label} ({rows.scope.text}); "
            f"compare it with a period: --vs {rows.period.previous().label}"
        )
    return float(found[0]["target"])


def _sums(rows: ValueRows) -> dict[str, dict[Group, Sums]]:
    """By dimension and group."""
    found: dict[str, dict[Group, Sums]] = {name: {} for name in DIMENSIONS}
    for row in rows.reader.select(sums_query(_described(rows)), rows.parameters):
        sums = Sums(float(row["numerator"]), float(row["denominator"] or 0.0))
        found[row["dimension"]][row["group_value"]] = sums
    return found


def _described(rows: ValueRows) -> str:
    return described_query(
        rows.columns,
        rows.scope.type,
        has_holders=rows.reader.columns("dim_employees") >= HOLDER_COLUMNS,
    )


def _against_target(
    rows: ValueRows, dimension: str, sides: split.Sides, target: float
) -> DimensionSplit:
    divide = split.split_count_target if rows.unit == "count" else split.split_target
    return _split(dimension, divide(sides, target))


def _between(
    rows: ValueRows, dimension: str, now: split.Sides, base: split.Sides
) -> DimensionSplit:
    divide = split.split_count if rows.unit == "count" else split.split_periods
    return _split(dimension, divide(now, base))


def _split(dimension: str, effects: list[Effect]) -> DimensionSplit:
    return DimensionSplit(dimension, tuple(effects), split.concentration(effects))


def _choose(
    rows: ValueRows, splits: Sequence[DimensionSplit], wanted: str | None
) -> tuple[DimensionSplit, tuple[DimensionSplit, ...]]:
    """The split to show, and the others in which the rows differ."""
    known = rows.reader.select(dimensions_query(), [rows.kpi_id])[0]
    present = [each for each in splits if known[each.dimension]]
    if wanted is not None and not known[wanted]:
        raise UsageError(
            f"the rows of {rows.kpi_id} have no {wanted}; "
            f"{suggestion(wanted, [each.dimension for each in present])}"
        )
    telling = [
        each
        for each in present
        if each.dimension != rows.scope.type and _group_count(each.effects) > 1
    ]
    ranked = sorted(telling, key=lambda each: -each.concentration)
    if wanted is not None:
        chosen = next(each for each in present if each.dimension == wanted)
    else:
        chosen = (ranked or present or list(splits))[0]
    return chosen, tuple(each for each in ranked if each is not chosen)


def _group_count(effects: Sequence[Effect]) -> int:
    return sum(not effect.is_target for effect in effects)


def _records(
    now: ValueRows, base: ValueRows | None, base_value: float, chosen: DimensionSplit
) -> tuple[Record, ...]:
    """A few records of the groups that did most: those that pull the way the group did."""
    found: list[Record] = []
    groups = [e for e in chosen.effects if not e.is_target and abs(e.total_effect) > 1e-12]
    for effect in groups[:_GROUPS_WITH_RECORDS]:
        is_of_base = base is not None and effect.now is not None and not _counts(effect.now)
        rows = base if base is not None and is_of_base else now
        parameters = {
            **rows.parameters,
            "group": effect.group,
            "most": _RECORDS,
            "value": base_value,
            # what is gone did the opposite of what its records did
            "way": 1 if (effect.total_effect > 0) != is_of_base else -1,
        }
        query = records_query(_described(rows), chosen.dimension)
        found += [
            Record(
                group=effect.group,
                source=row["source"],
                entity=row["entity"],
                record_id=row["record_id"],
                numerator=float(row["numerator"]),
                denominator=row["denominator"],
                occurred_at=from_micros(row["occurred_micros"]),
                is_of_base=is_of_base,
            )
            for row in rows.reader.select(query, parameters)
        ]
    return tuple(found)


def _counts(sums: Sums) -> bool:
    return sums.numerator != 0 or sums.denominator != 0


def _employee_names(reader: Reader) -> dict[str, str]:
    if not {"employee_id", "name"} <= reader.columns("dim_employees"):
        return {}
    found = reader.select(
        "select employee_id, arg_max(name, valid_from) as name from dim_employees"
        " where name is not null group by employee_id"
    )
    return {str(row["employee_id"]): str(row["name"]) for row in found}
