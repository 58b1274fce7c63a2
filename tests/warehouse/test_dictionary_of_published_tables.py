"""What is published is what the data dictionary says: tables, columns, types, keys."""

from collections.abc import Iterator

import duckdb
import pytest

from sales_support_kpi.report.data_dictionary import Column, tables
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import published_file

TYPES = {"timestamp with time zone": "timestamptz"}


@pytest.fixture(scope="module", params=[False, True], ids=["company", "people"])
def published(
    request: pytest.FixtureRequest, awkward_home: Home
) -> Iterator[tuple[bool, duckdb.DuckDBPyConnection]]:
    file = published_file(awkward_home, people=request.param)
    with duckdb.connect(str(file), read_only=True) as reader:
        yield request.param, reader


def said(*, people: bool) -> dict[str, tuple[Column, ...]]:
    sides = {table.name: table.people if people else table.company for table in tables()}
    return {name: columns for name, columns in sides.items() if columns is not None}


def test_every_table_and_column_is_in_it_with_its_type(
    published: tuple[bool, duckdb.DuckDBPyConnection],
) -> None:
    people, reader = published
    found = reader.execute(
        "select table_name, list((column_name, lower(data_type)) order by ordinal_position) "
        "from information_schema.columns group by table_name"
    ).fetchall()
    assert {
        name: [(column, TYPES.get(kind, kind)) for column, kind in columns]
        for name, columns in found
    } == {
        name: [(column.name, column.type) for column in columns]
        for name, columns in said(people=people).items()
    }


def test_a_key_names_one_row_and_what_is_never_null_never_is(
    published: tuple[bool, duckdb.DuckDBPyConnection],
) -> None:
    people, reader = published
    keys = {table.name: table.key for table in tables()}
    for name, columns in said(people=people).items():
        listed = ", ".join(f'"{column}"' for column in keys[name])
        if listed:
            assert not reader.execute(
                f"select {listed} from {name} group by {listed} having count(*) > 1"
            ).fetchall(), name
        required = [column.name for column in columns if column.is_required]
        for column in required:
            assert not reader.execute(
                f'select 1 from {name} where "{column}" is null limit 1'
            ).fetchall(), f"{name}.{column}"
