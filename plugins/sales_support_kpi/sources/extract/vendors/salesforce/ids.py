"""Ids have 15 characters that tell upper from lower case, or the same with three that say so.

The API gives 18; a text field someone typed an id into may hold 15. Only the long form is safe to
compare, so every column of ids is brought to it.
"""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from sales_support_kpi.sources.extract.resources import Page
from sales_support_kpi.sources.extract.vendors.salesforce.objects import SObject

_SHORT = 15
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(text: str) -> str:
    """An id with its three check letters; anything else as it is."""
    if len(text) != _SHORT or not text.isascii() or not text.isalnum():
        return text
    chunks = (text[at : at + 5] for at in (0, 5, 10))
    sums = (sum(1 << place for place, c in enumerate(chunk) if c.isupper()) for chunk in chunks)
    return text + "".join(_LETTERS[one] for one in sums)


def with_long_ids(page: Page, one: SObject) -> Page:
    """A page whose columns of ids hold long ones."""
    if isinstance(page.rows, pa.RecordBatch):
        return replace(page, rows=_batch(page.rows, one))
    paths = [
        path for name, path in one.columns.items() if name in one.references and "." not in path
    ]
    for row in page.rows:
        for path in paths:
            value = row.get(path)
            if value is not None and len(value) == _SHORT:
                row[path] = long_id(value)  # type: ignore[index]
    return page


def _batch(batch: pa.RecordBatch, one: SObject) -> pa.RecordBatch:
    for name in one.references:
        at = batch.schema.get_field_index(name)
        if at < 0 or not pc.any(pc.equal(pc.binary_length(batch.column(at)), _SHORT)).as_py():
            continue
        texts = [value and long_id(value) for value in batch.column(at).to_pylist()]
        batch = batch.set_column(at, name, pa.array(texts, pa.string()))
    return batch
