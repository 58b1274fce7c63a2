"""What is read lies in Parquet as text, digit for digit, whatever there is of it."""

import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sales_support_kpi.sources.extract.resources import Resource
from sales_support_kpi.sources.extract.spool import Spool, Writer, as_text, getter


def spooled(tmp_path: Path, resource: Resource, pages: Any) -> list[dict[str, Any]]:
    spool = Spool(tmp_path)
    with Writer(spool, resource) as writer:
        for page in pages:
            writer.write(page)
    return pq.read_table(spool.file(resource.name)).to_pylist()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("007", "007"),
        (9007199254740993, "9007199254740993"),
        (1.5, "1.5"),
        (float("nan"), None),
        (True, "true"),
        ([{"id": 1, "value": "가"}], '[{"id":1,"value":"가"}]'),
        ({}, "{}"),
    ],
)
def test_values_become_text_without_loss(value: object, text: str | None) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("record", "place", "value"),
    [
        ({"via": {"channel": "web"}}, "via.channel", "web"),
        ({"via.channel": "mail", "via": {"channel": "web"}}, "via.channel", "mail"),
        ({"via": "web"}, "via.channel", None),
        ({"via": None}, "via.channel", None),
        ({}, "via.channel", None),
    ],
)
def test_a_place_may_lie_within_objects(record: dict[str, Any], place: str, value: object) -> None:
    assert getter(place)(record) == value


def test_it_is_noted_in_how_many_rows_a_column_had_a_value(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with Writer(spool, Resource("cases", ("id", "owner", "gone"))) as writer:
        writer.write([{"id": 1, "owner": None}, {"id": 2, "owner": "e1", "new": "x"}])

    written = spool.written["cases"]
    assert (written.rows, written.filled) == (2, {"id": 2, "owner": 1, "gone": 0})


def test_it_is_noted_what_the_fields_were_and_which_others_there_are(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    places = {"id": "id", "way": "via.channel", "due": "due", "tags": "tags", "gone": "gone"}
    with Writer(spool, Resource("cases", places)) as writer:
        writer.write([{"id": 1, "via": {"channel": "web"}, "due": None, "brand": {}}])
        writer.write([{"id": "2", "via": {}, "due": None, "tags": ["x"], "paid": True}])

    shape = spool.written["cases"].shape
    assert shape["kinds"] == {"id": "number+text", "way": "text", "due": "", "tags": "list"}
    assert shape["others"] == ["brand", "paid"]


def test_batches_say_which_columns_there_are_and_not_of_which_kind(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with Writer(spool, Resource("cases", ("id", "gone"))) as writer:
        writer.write(pa.record_batch({"id": ["1"]}))

    assert spool.written["cases"].shape["kinds"] == {"id": ""}


def test_values_of_an_earlier_resource_come_once_each_in_their_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with Writer(spool, Resource("cases", ("id",))) as writer:
        writer.write([{"id": n} for n in (3, 1, 3, None, 2)])

    assert list(spool.values("cases", "id")) == ["3", "1", "2"]


def test_memory_does_not_grow_with_what_is_read(tmp_path: Path) -> None:
    resource = Resource("cases", ("id", "text", "changed"), cursor="changed")

    def peak(pages: int) -> int:
        folder = tmp_path / str(pages)
        folder.mkdir()
        tracemalloc.start()
        rows = spooled_pages(pages)
        with Writer(Spool(folder), resource) as writer:
            for page in rows:
                writer.write(page)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(120) < peak(40) * 1.2


def spooled_pages(count: int) -> Any:
    for page in range(count):
        yield [
            {"id": page * 1000 + n, "text": f"{page} {n} " * 5, "changed": "2026-10-05T09:00:00Z"}
            for n in range(1000)
        ]
