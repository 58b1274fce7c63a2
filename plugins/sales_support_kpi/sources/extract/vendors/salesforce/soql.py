"""Query texts: literals as Salesforce wants them, windows of time, places to go on from."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta


def instant(when: datetime) -> str:
    """An instant as a literal: UTC, not quoted."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def text(value: str) -> str:
    """A text as a literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def one_of(field: str, values: Iterable[str]) -> str:
    """`field in (…)`."""
    return f"{field} in ({','.join(map(text, values))})"


def window(field: str, since: datetime | None, until: datetime | None) -> tuple[str, ...]:
    """What changed at or after `since` and before `until`."""
    parts = []
    if since is not None:
        parts.append(f"{field} >= {instant(since)}")
    if until is not None:
        whole = until.replace(microsecond=0)
        parts.append(f"{field} < {instant(whole + timedelta(seconds=int(whole < until)))}")
    return tuple(parts)


def after(order: Sequence[str], last: Sequence[str]) -> str:
    """What comes behind a record in an order of one or two fields; ids are quoted, instants not."""
    quoted = text(last[-1])
    if len(order) == 1:
        return f"{order[0]} > {quoted}"
    return f"({order[0]} > {last[0]} or ({order[0]} = {last[0]} and {order[1]} > {quoted}))"


def select(
    fields: Sequence[str],
    source: str,
    where: Sequence[str],
    order: Sequence[str] = (),
    most: int | None = None,
) -> str:
    """The whole query; `most` records at most."""
    query = f"select {', '.join(fields)} from {source}"
    if where:
        query += f" where {' and '.join(where)}"
    query += f" order by {', '.join(order)}" if order else ""
    return f"{query} limit {most}" if most else query
