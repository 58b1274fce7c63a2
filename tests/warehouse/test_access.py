"""What docs/access.md tells analysts to type works, and nothing they do can change a number."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.published import swap_symlink

PAGE = (repo_root() / "docs" / "access.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_python_on_the_page_gives_values(
    snippet: str, awkward_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(awkward_home.root)
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102 - what the page says, as it stands
    values = names["values"]
    assert len(values)
    assert {"kpi_id", "period_start", "value", "target", "status"} <= set(values.columns)


def test_the_page_has_python_for_both_forms() -> None:
    assert len(SNIPPETS) == 2


def test_the_sql_on_the_page_runs(awkward_home: Home) -> None:
    queries = re.findall(r'"(select [^"]+)"', PAGE)
    assert len(queries) == 3
    file = awkward_home.published / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as reader:
        for query in queries:
            assert reader.execute(query).fetchall(), query


def test_every_file_the_page_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGE):
        assert (repo_root() / "docs" / target).exists(), target


def test_a_reader_cannot_write_and_others_cannot_read_about_persons(awkward_home: Home) -> None:
    with (
        duckdb.connect(str(awkward_home.published / "kpi.duckdb"), read_only=True) as reader,
        pytest.raises(duckdb.Error, match="read-only"),
    ):
        reader.execute("update kpi_values set value = 1")
    night = (awkward_home.published / "current").resolve()
    assert (night / "kpi.duckdb").stat().st_mode & 0o777 == 0o444
    assert (night / "kpi_people.duckdb").stat().st_mode & 0o777 == 0o600
    assert (night / "parquet" / "people").stat().st_mode & 0o777 == 0o700


def test_an_open_reader_keeps_its_night_and_the_next_one_sees_the_new(tmp_path: Path) -> None:
    for night in (1, 2):
        folder = tmp_path / "nights" / str(night)
        folder.mkdir(parents=True)
        with duckdb.connect(str(folder / "kpi.duckdb")) as writer:
            writer.execute(f"create table kpi_values as select {night} as value")
    (tmp_path / "kpi.duckdb").symlink_to("current/kpi.duckdb")
    swap_symlink(tmp_path / "current", Path("nights") / "1")
    question = "select value from kpi_values"
    with duckdb.connect(str(tmp_path / "kpi.duckdb"), read_only=True) as reader:
        assert reader.execute(question).fetchall() == [(1,)]
        swap_symlink(tmp_path / "current", Path("nights") / "2")
        assert reader.execute(question).fetchall() == [(1,)]
    with duckdb.connect(str(tmp_path / "kpi.duckdb"), read_only=True) as reader:
        assert reader.execute(question).fetchall() == [(2,)]
