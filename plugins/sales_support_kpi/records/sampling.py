"""Draw a stratified sample of customer records to verify by hand.

build.duckdb (active records at the month's end) → strata (steward × segment) → allocation → the
records with the smallest hashes of (seed, record)

The same month, size, seed and records give the same sample, on any machine: a hash stands for the
random number, as in Cochran's simple random sampling within strata. What was drawn is landed as
`ops`, since the estimate needs to know from how many each record was drawn, and since the seed of a
month's first sample is that of the next.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import duckdb

from sales_support_kpi.errors import UsageError
from sales_support_kpi.landing.ops import land_ops, read_ops
from sales_support_kpi.night import Night
from sales_support_kpi.report.periods import Period
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.lock import writer_lock

FLOOR = 2  # records of a stratum without which its spread cannot be estimated
_EVERYBODY_ELSE = "* | *"

# What a person compares with the world, in the order of the sheet.
SHOWN = (
    "name", "business_registration_no", "country", "contact_name", "email", "phone",
    "postal_code", "address", "owner_id",
)  # fmt: skip

_POPULATION = """
with bounds as (
    select
        night.as_of,
        least(timezone(night.timezone, $month_end::timestamp), night.as_of) as ends_at,
        timezone(night.timezone, $month_start::timestamp) as starts_at
    from control.night as night
),
then_active as (
    select customers.source, customers.customer_id
    from entities.customers
    inner join bounds
        on
            customers.valid_from < bounds.ends_at
            and (customers.exists_until >= bounds.ends_at or customers.exists_until is null)
    where customers.status = 'active' and not customers.is_tombstone
)
select {columns}
from measures.int_current_customers as records
semi join then_active
    on records.source = then_active.source and records.customer_id = then_active.customer_id
"""


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the population from which its own share is drawn."""

    name: str
    population: int
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was drawn, with what it says."""

    audit_id: str
    stratum: str
    source: str
    customer_id: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn.

    Attributes:
        ends_at: the population is that of this instant, as far as it still exists.
    """

    sample_id: str
    month: Period
    seed: str
    ends_at: datetime
    strata: tuple[Stratum, ...]
    records: tuple[Record, ...]

    @property
    def population(self) -> int:
        """How many records there were to draw from."""
        return sum(stratum.population for stratum in self.strata)


def draw(home: Home, month: Period, size: int, seed: str | None = None) -> Sample:
    """Draw a sample from the last build and land what was drawn.

    Raises:
        UsageError: nothing has been built, or the month has no active record yet.
    """
    if not home.build_file.exists():
        raise UsageError(
            f"nothing has been built in {home.root} yet; run `kpi run` (or `kpi rebuild`) first"
        )
    with writer_lock(home):
        chosen = seed or _seed(home, month, size)
        with duckdb.connect(str(home.build_file), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            sample = draw_from(connection, month, size, chosen)
            found: Any = connection.execute("select night, as_of from control.night").fetchone()
        _land(home, sample, size, Night(*found))
    return sample


def _seed(home: Home, month: Period, size: int) -> str:
    """That of the first sample of this month and size; else one that nobody can know beforehand.

    Whoever keeps the records should not be able to tell which of them will be looked at.
    """
    drawn = (
        str(row["seed"])
        for row in read_ops(home, "audit_samples")
        if (row["month_start"], row["size"]) == (month.start, size)
    )
    return next(drawn, secrets.token_hex(4))


def draw_from(connection: duckdb.DuckDBPyConnection, month: Period, size: int, seed: str) -> Sample:
    """Draw from an open build, without landing anything."""
    bounds = {"month_start": month.start, "month_end": month.shifted(1).start}
    ends_at = _ends_at(connection, month, bounds)
    cells = connection.execute(
        _POPULATION.format(
            columns="coalesce(nullif(records.steward_id, ''), '-') as steward, "
            "coalesce(nullif(records.segment, ''), '-') as segment, count(*) as population"
        )
        + " group by all order by all",
        bounds,
    ).fetchall()
    if not cells:
        raise UsageError(f"{month.label} has no active customer record to draw from")
    names = stratify([(steward, segment, count) for steward, segment, count in cells], size)
    strata = allocate(_sums(cells, names), size)
    sample_id = f"audit-{month.label}-{size}-{seed}"
    records = _records(connection, bounds, names, strata, sample_id, seed)
    return Sample(sample_id, month, seed, ends_at, strata, records)


def stratify(cells: Sequence[tuple[str, str, int]], size: int) -> dict[tuple[str, str], str]:
    """The stratum of each (steward, segment).

    One that would get less than two records joins the rest of its steward, and that the rest of
    all, so that every stratum tells something about its own spread.
    """
    total = sum(count for *_, count in cells)
    enough = FLOOR * total / size
    names: dict[tuple[str, str], str] = {}
    for joined in ("{0} | {1}", "{0} | *", _EVERYBODY_ELSE):
        left = [cell for cell in cells if (cell[0], cell[1]) not in names]
        sums: dict[str, int] = {}
        for steward, segment, count in left:
            name = joined.format(steward, segment)
            sums[name] = sums.get(name, 0) + count
        for steward, segment, _ in left:
            name = joined.format(steward, segment)
            if sums[name] >= enough or joined == _EVERYBODY_ELSE:
                names[steward, segment] = name
    return names


def allocate(strata: Sequence[Stratum], size: int) -> tuple[Stratum, ...]:
    """How many to draw from each: in proportion, at least two, at most all of them."""
    total = sum(stratum.population for stratum in strata)
    wanted = min(size, total)
    quota = {one.name: wanted * one.population / total for one in strata}
    most = {one.name: one.population for one in strata}
    least = {name: min(FLOOR, most[name]) for name in most}
    drawn = {name: min(most[name], max(least[name], int(quota[name]))) for name in most}
    while sum(drawn.values()) < wanted:
        open_ones = [name for name in drawn if drawn[name] < most[name]]
        drawn[max(open_ones, key=lambda name: (quota[name] - drawn[name], name))] += 1
    while sum(drawn.values()) > wanted:
        spare = [name for name in drawn if drawn[name] > least[name]]
        if not spare:
            break  # a floor under every stratum is worth a few records more
        drawn[max(spare, key=lambda name: (drawn[name] - quota[name], name))] -= 1
    return tuple(replace(one, drawn=drawn[one.name]) for one in strata)


def _ends_at(
    connection: duckdb.DuckDBPyConnection, month: Period, bounds: dict[str, date]
) -> datetime:
    query = _POPULATION.split("then_active")[0].rstrip().rstrip(",") + " select * from bounds"
    found: Any = connection.execute(query, bounds).fetchone()
    as_of, ends_at, starts_at = found
    if starts_at >= as_of:
        raise UsageError(
            f"{month.label} begins after the last build looks (until {as_of:%Y-%m-%d %H:%M} UTC); "
            "choose a month that has begun"
        )
    return ends_at  # type: ignore[no-any-return]


def _sums(
    cells: Sequence[tuple[str, str, int]], names: dict[tuple[str, str], str]
) -> list[Stratum]:
    sums: dict[str, int] = {}
    for steward, segment, count in cells:
        name = names[steward, segment]
        sums[name] = sums.get(name, 0) + count
    return [Stratum(name, count) for name, count in sorted(sums.items())]


def _records(
    connection: duckdb.DuckDBPyConnection,
    bounds: dict[str, date],
    names: dict[tuple[str, str], str],
    strata: Sequence[Stratum],
    sample_id: str,
    seed: str,
) -> tuple[Record, ...]:
    """The records with the smallest hashes of each stratum, in an order that says nothing."""
    columns = (
        "records.source, records.customer_id, "
        "coalesce(nullif(records.steward_id, ''), '-') as steward, "
        "coalesce(nullif(records.segment, ''), '-') as segment, "
        "md5(concat_ws(chr(31), $seed, records.source, records.customer_id)) as lot, "
        + ", ".join(f"records.{name}" for name in SHOWN)
    )
    connection.execute(
        "create or replace temp table strata (steward text, segment text, stratum text)"
    )
    connection.executemany(
        "insert into strata values (?, ?, ?)", [(*cell, name) for cell, name in names.items()]
    )
    connection.execute("create or replace temp table drawing (stratum text, drawn bigint)")
    connection.executemany(
        "insert into drawing values (?, ?)", [(one.name, one.drawn) for one in strata]
    )
    found = connection.execute(
        f"""
        select stratum, population.source, population.customer_id, {", ".join(SHOWN)}
        from ({_POPULATION.format(columns=columns)}) as population
        inner join strata using (steward, segment)
        inner join drawing using (stratum)
        qualify row_number() over (
            partition by stratum order by lot, source, customer_id
        ) <= drawing.drawn
        order by lot, source, customer_id
        """,
        {**bounds, "seed": seed},
    ).fetchall()
    return tuple(
        Record(f"{sample_id}-{number:04d}", stratum, source, customer_id, tuple(values))
        for number, (stratum, source, customer_id, *values) in enumerate(found, start=1)
    )


def _land(home: Home, sample: Sample, size: int, night: Night) -> None:
    common = {"sample_id": sample.sample_id, "as_of": sample.ends_at, "night": night.date}
    land_ops(
        home,
        "audit_samples",
        [
            common
            | {
                "month_start": sample.month.start,
                "seed": sample.seed,
                "size": size,
                "stratum": stratum.name,
                "population": stratum.population,
                "drawn": stratum.drawn,
            }
            for stratum in sample.strata
        ],
        night,
    )
    land_ops(
        home,
        "audit_sample_records",
        [
            common
            | {
                "audit_id": record.audit_id,
                "stratum": record.stratum,
                "customer_source": record.source,
                "customer_id": record.customer_id,
            }
            for record in sample.records
        ],
        night,
    )
