"""Small vectorised makers of Arrow columns, and the seeded randomness of each chunk."""

import zlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sales_support_kpi.sandbox.worktime import Flags, Ints

INSTANT = pa.timestamp("s", tz="UTC")


def chunk_rng(seed: int, entity: str, *numbers: int) -> np.random.Generator:
    """Randomness of one chunk: the same whatever was generated before it."""
    words = [seed, zlib.crc32(entity.encode()), *numbers]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


def ids(prefix: str, numbers: Ints, width: int = 8, suffix: str = "") -> pa.Array:
    """`REQ-00000042`; a negative number is null."""
    text = pc.utf8_lpad(pc.cast(pa.array(np.maximum(numbers, 0)), pa.string()), width, "0")
    text = pc.binary_join_element_wise(prefix, text, suffix, "")
    return masked(text, numbers < 0)


def words(choices: Sequence[str | None], index: Ints) -> pa.Array:
    """The chosen words; a negative index is null."""
    taken = pa.array(np.asarray(index, dtype=np.int64), mask=np.asarray(index) < 0)
    return pa.array(choices, pa.string()).take(taken)


def masked(column: pa.Array, is_null: Flags) -> pa.Array:
    """The column with nulls where the flag is set."""
    return pc.if_else(pa.array(is_null), pa.scalar(None, column.type), column)


def chosen(flag: Flags, yes: pa.Array | str | None, no: pa.Array | str | None) -> pa.Array:
    """Row by row one of two text columns or constants."""
    return pc.if_else(pa.array(flag), _text(yes), _text(no))


def _text(value: pa.Array | str | None) -> pa.Array | pa.Scalar:
    return pa.scalar(value, pa.string()) if value is None or isinstance(value, str) else value


def instants(values: Ints, seen_before: int) -> pa.Array:
    """Instants; what happens at or after `seen_before` is not known yet: null."""
    return pa.array(values, mask=values >= seen_before).cast(INSTANT)


def days(values: Ints, is_null: Flags) -> pa.Array:
    """Day numbers as dates."""
    return pa.array(values.astype(np.int32), mask=is_null).cast(pa.date32())


def flags(values: Flags, is_null: Flags | None = None) -> pa.Array:
    """Booleans, some of them empty."""
    return pa.array(values, mask=is_null)


def joined(*parts: pa.Array | str, separator: str = "") -> pa.Array:
    """Texts put together row by row."""
    return pc.binary_join_element_wise(*parts, separator)


def padded(numbers: Ints, width: int) -> pa.Array:
    """Numbers as text with leading zeros."""
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def picked(table: pa.Table, keep: Flags) -> pa.Table:
    """The rows whose flag is set."""
    return table.filter(pa.array(keep))
