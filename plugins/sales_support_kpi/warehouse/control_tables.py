"""The rows of the control tables: what config, night and accepted loads say, as models read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sales_support_kpi import __version__
from sales_support_kpi.config import Config, Kpi, enabled_kpis
from sales_support_kpi.night import Night

if TYPE_CHECKING:
    from sales_support_kpi.landing import Manifest

ISO_WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source stands on the night: when it last landed, and whether that is too long ago.

    Attributes:
        declared: entities it is said to bring, whether it has brought them or not.
    """

    source: str
    position: int
    freshness_hours: float | None
    last_landed_at: datetime | None
    last_outcome: str
    is_stale: bool
    declared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Marks:
    """What the last completed build had seen; everything later is new to incremental models."""

    load_seq: int
    as_of: datetime


Row = tuple[object, ...]
Table = tuple[str, str, list[Row]]
"""Its name, its columns as SQL, its rows."""


def control_tables(
    config: Config,
    night: Night,
    known_at: date | None,
    loads: Sequence["Manifest"],
    sources: Sequence[SourceState],
    marks: Marks | None,
    refresh_key: str,
) -> Iterable[Table]:
    """Every table of the schema `control` but the calendar's."""
    kpis = enabled_kpis(config)
    yield (
        "night",
        (
            "night date, as_of timestamptz, known_at date, timezone varchar, config_hash varchar, "
            "code_version varchar, load_seq bigint, previous_load_seq bigint, "
            "previous_as_of timestamptz, refresh_key varchar, is_complete boolean"
        ),
        [
            (
                night.date,
                night.as_of,
                known_at,
                config.company.timezone,
                config.hash,
                __version__,
                max((load.load_seq for load in loads), default=0),
                marks.load_seq if marks else -1,
                marks.as_of if marks else night.as_of,
                refresh_key,
                False,
            )
        ],
    )
    yield (
        "sources",
        (
            "source varchar, position int, freshness_hours double, last_landed_at timestamptz, "
            "last_outcome varchar, is_stale boolean"
        ),
        [
            (s.source, s.position, s.freshness_hours, s.last_landed_at, s.last_outcome, s.is_stale)
            for s in sources
        ],
    )
    yield (
        "landed_entities",
        "entity varchar, source varchar",
        sorted({(load.entity, load.source) for load in loads}),
    )
    yield (
        "fed_entities",
        "entity varchar, source varchar",
        sorted(
            {(load.entity, load.source) for load in loads}
            | {(entity, state.source) for state in sources for entity in state.declared}
        ),
    )
    yield (
        "loads",
        (
            "load_seq bigint, source varchar, entity varchar, night date, "
            "effective_at timestamptz, landed_at timestamptz, mode varchar, "
            "rows_read bigint, rows_landed bigint, rows_quarantined bigint, "
            "rows_unchanged bigint, rows_superseded bigint, "
            "tombstones bigint, silent_changes bigint, landed_sum double"
        ),
        [
            (
                load.load_seq,
                load.source,
                load.entity,
                load.night,
                load.effective_at,
                load.landed_at,
                load.mode,
                load.rows_read,
                load.rows_landed,
                load.rows_quarantined,
                load.rows_unchanged,
                load.rows_superseded,
                load.tombstones,
                load.silent_changes,
                load.landed_sum,
            )
            for load in loads
        ],
    )
    yield (
        "quarantined",
        "load_seq bigint, reason varchar, column_name varchar, row_count bigint",
        [
            (load.load_seq, cause.partition("|")[0], cause.partition("|")[2] or None, count)
            for load in loads
            for cause, count in load.causes.items()
        ],
    )
    yield from _catalog_tables(kpis)
    yield (
        "goals",
        "goal_id varchar, level varchar, name_ko varchar, name_en varchar, serves varchar",
        [
            (goal.id, goal.level, goal.name.ko, goal.name.en, serves)
            for goal in config.goals
            for serves in goal.serves or (None,)
        ],
    )
    yield (
        "reports",
        (
            "report_id varchar, name_ko varchar, name_en varchar, owner_id varchar, weekday int, "
            "starts_on date"
        ),
        [
            (r.id, r.name.ko, r.name.en, r.owner_id, ISO_WEEKDAYS[r.weekday], r.starts_on)
            for r in config.company.reports
        ],
    )
    records = config.company.records
    yield (
        "record_limits",
        "contact_months bigint, duplicate_probability double, most_alike bigint",
        [(records.contact_months, records.duplicate_probability, records.most_alike)],
    )
    yield (
        "record_words",
        "kind varchar, word varchar",
        [
            *(("test_domain", word) for word in records.test_domains),
            *(("role_address", word) for word in records.role_addresses),
        ],
    )
    yield (
        "identities",
        "source varchar, employee_id varchar, same_as_source varchar, same_as_employee_id varchar",
        [
            (i.source, i.employee_id, i.same_as_source, i.same_as_employee_id)
            for i in config.identities
        ],
    )


def _catalog_tables(kpis: Sequence[Kpi]) -> Iterable[Table]:
    yield (
        "kpis",
        (
            "kpi_id varchar, position int, number varchar, name_ko varchar, name_en varchar, "
            "definition_ko varchar, definition_en varchar, unit varchar, better varchar, "
            "clock varchar, aggregation varchar, accountable varchar, tolerance double, "
            "min_sample bigint, has_interval boolean"
        ),
        [
            (
                kpi.id,
                kpi.position,
                kpi.number,
                kpi.name.ko,
                kpi.name.en,
                kpi.definition.ko,
                kpi.definition.en,
                kpi.unit,
                kpi.better,
                kpi.clock,
                kpi.aggregation,
                kpi.accountable,
                kpi.tolerance,
                kpi.min_sample,
                # a stock is a full census: nothing is estimated
                kpi.unit != "count" and kpi.aggregation != "stock",
            )
            for kpi in kpis
        ],
    )
    yield (
        "kpi_entities",
        "kpi_id varchar, entity varchar, is_required boolean",
        [
            (kpi.id, entity, entity in kpi.required)
            for kpi in kpis
            for entity in dict.fromkeys((*kpi.entities, *kpi.required))
        ],
    )
    yield (
        "kpi_params",
        "kpi_id varchar, name varchar, value double",
        [
            (kpi.id, name, float(value))
            for kpi in kpis
            for name, value in kpi.params.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        ],
    )
    yield (
        "contract_steps",
        "step varchar",
        [
            (step,)
            for kpi in kpis
            for steps in [kpi.params.get("steps")]
            if kpi.id == "contract_followup_completion" and isinstance(steps, tuple)
            for step in steps
        ],
    )
    yield (
        "kpi_goals",
        "kpi_id varchar, goal_id varchar",
        [(kpi.id, goal) for kpi in kpis for goal in kpi.serves],
    )
    yield (
        "kpi_targets",
        (
            "kpi_id varchar, valid_from date, scope_type varchar, scope_id varchar, grain varchar, "
            "value double, basis varchar"
        ),
        [
            (kpi.id, t.valid_from, t.scope_type, t.scope_id, t.grain, t.value, t.basis)
            for kpi in kpis
            for t in kpi.targets
        ],
    )
