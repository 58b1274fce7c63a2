"""published night → `Scorecard`: one row per enabled KPI of a period and scope.

Company and team values come from `kpi.duckdb`; only an employee's need `kpi_people.duckdb`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sales_support_kpi.report.beside import Beside, load_beside, sentences
from sales_support_kpi.report.model import (
    LANGS,
    Lang,
    Scope,
    Scorecard,
    ScorecardRow,
    SourceState,
    Status,
    TrendPoint,
    Unmatched,
)
from sales_support_kpi.report.period_choice import choose_grain, choose_period
from sales_support_kpi.report.periods import Period, parse_period, period_of
from sales_support_kpi.report.published import (
    PublishedNight,
    Reader,
    current_night,
    from_micros,
)
from sales_support_kpi.report.record_remarks import KPI_ID as RECORDS
from sales_support_kpi.report.record_remarks import record_remarks
from sales_support_kpi.report.scopes import parse_scope, resolve_scope
from sales_support_kpi.settings import Home

TREND_PERIODS = 12
_FACTS = (
    "numerator", "denominator", "value", "target", "attainment", "ci_low", "ci_high",
    "is_certain", "median", "p90", "reported_value", "is_closed",
)  # fmt: skip


def load_scorecard(
    home: Home,
    *,
    grain: str | None = None,
    period: str | None = None,
    scope: str = "company",
    lang: Lang = "ko",
) -> Scorecard:
    """`load_scorecards` in one language."""
    return load_scorecards(home, grain=grain, period=period, scope=scope, langs=(lang,))[0]


def load_scorecards(
    home: Home,
    *,
    grain: str | None = None,
    period: str | None = None,
    scope: str = "company",
    langs: Sequence[Lang] = LANGS,
) -> tuple[Scorecard, ...]:
    """Read the scorecard of a period and scope, from one night, in each of the languages.

    Args:
        home: where the night was published.
        grain: day, week, month, quarter or year; by default the period's own, else month.
        period: `2026`, `2026-Q4`, `2026-10`, `2026-W44` or `2026-10-31`; by default the period
            that holds the published night.
        scope: `company`, `team:NAME` or `employee:ID`.
        langs: languages of names and notes.

    Raises:
        UsageError: nothing was published, or there is no such period, grain or scope.
    """
    return scorecards_of(current_night(home), grain=grain, period=period, scope=scope, langs=langs)


def scorecards_of(
    night: PublishedNight,
    *,
    grain: str | None = None,
    period: str | None = None,
    scope: str = "company",
    langs: Sequence[Lang] = LANGS,
    data_docs: str | None = None,
    dbt_docs: str | None = None,
) -> tuple[Scorecard, ...]:
    """`load_scorecards` of a night that need not be published yet; docs are addresses."""
    wanted_scope = parse_scope(scope)
    wanted = choose_grain(grain, parse_period(period) if period else None)
    with night.open(people=wanted_scope.type == "employee") as reader:
        owner = resolve_scope(reader, wanted_scope)
        chosen = choose_period(reader, night, *wanted)
        is_latest = chosen == period_of(night.night, chosen.grain)
        catalog, cells = _catalog(reader), _cells(reader, chosen, owner)
        bases, beside = _target_bases(reader), load_beside(reader, chosen, owner)
        sources, unmatched = _sources(reader), _unmatched(reader)

        def card_in(lang: Lang) -> Scorecard:
            remarks = record_remarks(reader, chosen, owner, is_latest=is_latest, lang=lang)
            rows = [
                _row(entry, chosen, cells.get(str(entry["kpi_id"]), {}), bases, lang)
                for entry in catalog
            ]
            return Scorecard(
                publish_id=night.publish_id,
                night=night.night,
                as_of=night.as_of,
                timezone=night.timezone,
                lang=lang,
                scope=owner,
                period=chosen,
                is_latest=is_latest,
                is_complete=chosen.end <= night.night and _has_ended(chosen, night),
                rows=tuple(_with_notes(row, beside, remarks, lang) for row in rows),
                sources=sources,
                unmatched=unmatched,
                data_docs=data_docs,
                dbt_docs=dbt_docs,
            )

        return tuple(card_in(lang) for lang in langs)


def _with_notes(
    row: ScorecardRow, beside: Mapping[str, Beside], remarks: tuple[str, ...], lang: Lang
) -> ScorecardRow:
    """The row with the sentences that stand beside its value."""
    said = sentences(beside[row.kpi_id], row.unit, lang) if row.kpi_id in beside else ()
    return replace(row, beside=tuple(said), remarks=remarks if row.kpi_id == RECORDS else ())


def _has_ended(period: Period, night: PublishedNight) -> bool:
    return period.instants(night.timezone)[1] <= night.as_of


def _catalog(reader: Reader) -> list[dict[str, Any]]:
    return reader.select("select * from kpi_catalog order by position, kpi_id")


def _cells(reader: Reader, period: Period, scope: Scope) -> dict[str, dict[Any, dict[str, Any]]]:
    """Per KPI and first day, the cells of the period and of those shown before it."""
    first = period.shifted(1 - TREND_PERIODS).start
    found = reader.select(
        "select * exclude (as_of, reported_as_of),"
        " epoch_us(reported_as_of) as reported_micros from kpi_values"
        " where grain = ? and scope_type = ? and scope_id = ? and period_start between ? and ?",
        [str(period.grain), scope.type, scope.id, first, period.start],
    )
    cells: dict[str, dict[Any, dict[str, Any]]] = {}
    for cell in found:
        cells.setdefault(str(cell["kpi_id"]), {})[cell["period_start"]] = cell
    return cells


def _row(
    entry: Mapping[str, Any],
    period: Period,
    cells: Mapping[Any, Mapping[str, Any]],
    bases: Mapping[tuple[str, float], str],
    lang: Lang,
) -> ScorecardRow:
    cell = cells.get(period.start, {})
    previous = cells.get(period.previous().start, {})
    kpi_id, target = str(entry["kpi_id"]), cell.get("target")
    facts: dict[str, Any] = {name: cell.get(name) for name in _FACTS}
    return ScorecardRow(
        kpi_id=kpi_id,
        name=str(_in_language(entry, "name", lang) or kpi_id),
        definition=str(_in_language(entry, "definition", lang) or ""),
        unit=str(entry["unit"]),
        better=str(entry["better"]),
        number=entry.get("number"),
        status=Status(cell.get("status") or Status.NO_DATA),
        tolerance=float(entry["tolerance"]),
        sample_size=int(cell.get("sample_size") or 0),
        is_complete=bool(cell.get("is_complete")),
        is_stale=bool(cell.get("is_stale")),
        reported_as_of=from_micros(cell.get("reported_micros")),
        previous_value=previous.get("value"),
        target_basis=None if target is None else bases.get((kpi_id, float(target))),
        missing_entities=_missing(entry),
        trend=_trend(period, cells),
        **facts,
    )


def _trend(period: Period, cells: Mapping[Any, Mapping[str, Any]]) -> tuple[TrendPoint, ...]:
    periods = [period.shifted(-back) for back in reversed(range(TREND_PERIODS))]
    points = []
    for each in periods:
        cell = cells.get(each.start, {})
        status = Status(cell.get("status") or Status.NO_DATA)
        interval = cell.get("ci_low"), cell.get("ci_high")
        points.append(TrendPoint(each, cell.get("value"), cell.get("target"), status, *interval))
    return tuple(points)


def _in_language(entry: Mapping[str, Any], field: str, lang: Lang) -> object:
    other = "en" if lang == "ko" else "ko"
    return entry.get(f"{field}_{lang}") or entry.get(f"{field}_{other}")


def _missing(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Entities that were never landed, from a list or a comma-separated text."""
    missing = entry.get("missing_entities") or ()
    names: Sequence[object] = missing.split(",") if isinstance(missing, str) else missing
    return tuple(name for name in (str(name).strip() for name in names) if name)


def _target_bases(reader: Reader) -> dict[tuple[str, float], str]:
    """Which targets are a default or a proposal that nobody has agreed to yet."""
    if not {"kpi_id", "value", "basis"} <= reader.columns("kpi_targets"):
        return {}
    found = reader.select(
        "select kpi_id, value, min(basis) as basis from kpi_targets"
        " group by kpi_id, value having min(basis) = max(basis)"
    )
    return {(str(row["kpi_id"]), float(row["value"])): str(row["basis"]) for row in found}


def _sources(reader: Reader) -> tuple[SourceState, ...]:
    if "last_landed_at" not in reader.columns("source_freshness"):
        return ()
    found = reader.select(
        "select source, is_stale, epoch_us(last_landed_at) as landed_micros, last_outcome"
        " from source_freshness order by source"
    )
    return tuple(
        SourceState(
            source=str(row["source"]),
            is_stale=bool(row["is_stale"]),
            last_landed_at=from_micros(row["landed_micros"]),
            last_outcome=row["last_outcome"],
        )
        for row in found
    )


def _unmatched(reader: Reader) -> tuple[Unmatched, ...]:
    if "id_count" not in reader.columns("unmatched_summary"):
        return ()
    query = (
        "select entity, source, sum(id_count)::bigint as id_count from unmatched_summary"
        " group by entity, source order by entity, source"
    )
    return tuple(
        Unmatched(str(row["entity"]), str(row["source"]), int(row["id_count"]))
        for row in reader.select(query)
    )
