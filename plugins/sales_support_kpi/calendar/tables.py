"""The calendar's tables: one row per day, one per working interval.

Open or closed, in order of precedence: `open_days` (with Monday's hours of the schedule then in
force), `closed_days`, public holidays, the weekday's hours.
"""

import hashlib
from collections.abc import Iterator, Sequence, Set
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from sales_support_kpi.calendar.public_holidays import public_holidays
from sales_support_kpi.calendar.walltime import instant_at
from sales_support_kpi.config.company import MINUTES_A_DAY, Company, Interval

FIRST_DAY = date(1970, 1, 1)
INSTANT = pa.timestamp("us", tz="UTC")
DAYS_SCHEMA = pa.schema(
    [
        pa.field("date", pa.date32(), nullable=False),
        pa.field("starts_at", INSTANT, nullable=False),
        pa.field("ends_at", INSTANT, nullable=False),
        pa.field("is_open", pa.bool_(), nullable=False),
        pa.field("holiday_name", pa.string()),
    ]
)
INTERVALS_SCHEMA = pa.schema(
    [
        pa.field("clock", pa.string(), nullable=False),
        pa.field("starts_at", INSTANT, nullable=False),
        pa.field("ends_at", INSTANT, nullable=False),
        pa.field("microseconds_before", pa.int64(), nullable=False),
    ]
)


def calendar_range(as_of: datetime, timezone: str) -> tuple[date, date]:
    """First and last day a night's calendar holds: 1970 to the end of the year after `as_of`'s."""
    return FIRST_DAY, date(as_of.astimezone(ZoneInfo(timezone)).year + 1, 12, 31)


def days(company: Company, first: date, last: date) -> pa.Table:
    """One row per day: where it begins and ends in time, whether there is work, its holiday.

    A holiday keeps its name also where the company works on it or it falls on a closed weekday.
    """
    zone = ZoneInfo(company.timezone)
    names = public_holidays(company.country, first, last)
    dates = list(_dates(first, last))
    starts = [instant_at(day, 0, zone) for day in (*dates, last + timedelta(days=1))]
    columns: list[Sequence[object]] = [
        dates,
        starts[:-1],
        starts[1:],
        [bool(hours) for _, hours in _worked(company, first, last, names.keys())],
        [names.get(day) for day in dates],
    ]
    return _table(DAYS_SCHEMA, columns)


def working_intervals(company: Company, first: date, last: date) -> pa.Table:
    """The intervals in which each clock runs, in order, with the clock's total before each.

    The `business` clock runs in working hours; `calendar` is one interval over all days. A
    clock's reading at an instant is `microseconds_before` of the interval at or before it, plus
    the part of that interval that has passed; elapsed time is the difference of two readings.
    """
    zone = ZoneInfo(company.timezone)
    closing = public_holidays(company.country, first, last).keys()
    starts, ends, totals, total = [], [], [], 0
    for day, hours in _worked(company, first, last, closing):
        for interval in hours:
            start = instant_at(day, interval.start, zone)
            end = instant_at(day, interval.end, zone)
            if end > start:  # an interval the clocks skip as a whole does not exist
                starts.append(start)
                ends.append(end)
                totals.append(total)
                total += end - start
    clocks = ["business"] * len(starts) + ["calendar"]
    starts.append(instant_at(first, 0, zone))
    ends.append(instant_at(last, MINUTES_A_DAY, zone))
    return _table(INTERVALS_SCHEMA, [clocks, starts, ends, [*totals, 0]])


def calendar_hash(*tables: pa.Table) -> str:
    """A hash of what the tables say, whatever way they are chunked."""
    digest = hashlib.sha256()
    for table in tables:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        digest.update(sink.getvalue())
    return digest.hexdigest()


def _table(schema: pa.Schema, columns: Sequence[Sequence[object]]) -> pa.Table:
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _dates(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _worked(
    company: Company, first: date, last: date, holidays: Set[date]
) -> Iterator[tuple[date, tuple[Interval, ...]]]:
    """Every day with its working hours, ordered within the day."""
    opened = frozenset(company.open_days)
    closed = frozenset(company.closed_days) | holidays
    for day in _dates(first, last):
        schedule = company.schedule_on(day)
        if day in opened:
            yield day, schedule.mon
        elif day in closed:
            yield day, ()
        else:
            yield day, schedule.on_weekday(day.weekday())
