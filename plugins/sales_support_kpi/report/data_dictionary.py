"""Every published table and column, from dbt's contracts: `dbt_project → docs/data_dictionary.md`.

Run alone: `python -m sales_support_kpi.report.data_dictionary` writes the page.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sales_support_kpi.settings import repo_root

PAGE = "data_dictionary.md"
_INTRO = """\
# Data dictionary

Every table of `published/kpi.duckdb` (company and teams, for everybody) and of
`published/kpi_people.duckdb` (with what is about single persons, for whom it was granted to); the
same tables lie as Parquet beside them. How to open them: [access.md](access.md). What a KPI means:
[kpis.md](kpis.md). Questions with their answers: [queries](queries/README.md).

Written by `python -m sales_support_kpi.report.data_dictionary` from the contracts in `dbt_project`;
a test compares it with what is published. *Key*: columns that name a row. **Bold**: never null.
Instants are `timestamptz`, in UTC; dates are those of the company's zone.
"""
_REFERENCE = re.compile(r"{{\s*doc\('(\w+)'\)\s*}}")
_BLOCK = re.compile(r"{% docs (\w+) %}(.*?){% enddocs %}", re.S)
_COALESCED = re.compile(r"coalesce\((\w+), ''\)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its contract has it."""

    name: str
    type: str
    meaning: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A published table.

    Attributes:
        company: its columns in `kpi.duckdb`; none where it is not there.
        people: its columns in `kpi_people.duckdb`.
        cut: what `kpi.duckdb` has of it, where that is not all.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    people: tuple[Column, ...]
    company: tuple[Column, ...] | None
    cut: str | None = None

    @property
    def grain(self) -> str:
        """What a row is: the description's last sentence."""
        return re.split(r"(?<=[.?]) (?=One )", self.meaning)[-1].rstrip(".")

    @property
    def files(self) -> str:
        """Where it is."""
        return "people" if self.company is None else "both"


def tables() -> list[Table]:
    """All published tables by name."""
    project = repo_root() / "dbt_project" / "models"
    words = dict(_BLOCK.findall((project / "docs.md").read_text(encoding="utf-8")))
    company = {m["name"]: m for m in _models(project / "marts" / "company")}
    people = {m["name"]: m for m in _models(project / "marts" / "people")}
    cuts = {name.removeprefix("company_"): m for name, m in company.items() if _is_cut(name)}
    found = [_table(m, words, None, cuts.get(name)) for name, m in people.items()]
    found += [_table(m, words, m, None) for name, m in company.items() if not _is_cut(name)]
    found += [_beside(m, words) for m in _written_by_the_publish(project)]
    return sorted(found, key=lambda table: table.name)


def data_dictionary() -> str:
    """The page."""
    found = tables()
    return "\n".join([_INTRO, *_overview(found), *(line for t in found for line in _section(t))])


def _overview(found: list[Table]) -> Iterator[str]:
    yield "| table | file | grain |"
    yield "|---|---|---|"
    for table in found:
        yield f"| [`{table.name}`](#{table.name}) | {table.files} | {_cell(table.grain)} |"
    yield ""


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.name}"
    yield ""
    yield table.meaning
    yield ""
    yield f"- File: {table.files}{f'; in `kpi.duckdb`: {table.cut}' if table.cut else ''}"
    yield f"- Key: {', '.join(f'`{name}`' for name in table.key) or 'none'}"
    yield ""
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for column in table.people:
        name = f"**`{column.name}`**" if column.is_required else f"`{column.name}`"
        yield f"| {name} | {column.type} | {_cell(column.meaning)} |"
    yield ""


def _table(
    model: Mapping[str, Any],
    words: Mapping[str, str],
    company: Mapping[str, Any] | None,
    cut: Mapping[str, Any] | None,
) -> Table:
    here = cut or company
    return Table(
        name=model["name"],
        meaning=_said(model["description"], words),
        key=_key(model),
        people=_columns(model, words),
        company=_columns(here, words) if here else None,
        cut=_said(cut["description"], words) if cut else None,
    )


def _beside(table: Mapping[str, Any], words: Mapping[str, str]) -> Table:
    meta = table["config"]["meta"]
    columns = _columns(table, words)
    left_out = meta.get("not_in_company", ())
    return Table(
        name=table["name"],
        meaning=_said(table["description"], words),
        key=tuple(meta["key"]),
        people=columns,
        company=tuple(column for column in columns if column.name not in left_out),
        cut=meta.get("company"),
    )


def _columns(model: Mapping[str, Any], words: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=column["name"],
            type=column["data_type"],
            meaning=_said(column["description"], words),
            is_required={"type": "not_null"} in column.get("constraints", ()),
        )
        for column in model["columns"]
    )


def _key(model: Mapping[str, Any]) -> tuple[str, ...]:
    for test in model.get("data_tests", ()):
        if isinstance(test, dict) and "unique_key" in test:
            return tuple(
                _COALESCED.sub(r"\1", c) for c in test["unique_key"]["arguments"]["columns"]
            )
    return ()


def _said(text: str, words: Mapping[str, str]) -> str:
    return " ".join(_REFERENCE.sub(lambda found: words[found[1]], text).split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _is_cut(name: str) -> bool:
    return name.startswith("company_")


def _models(folder: Path) -> Iterator[Mapping[str, Any]]:
    for file in sorted(folder.glob("*.yml")):
        yield from _read(file)["models"]


def _written_by_the_publish(project: Path) -> Iterator[Mapping[str, Any]]:
    for source in _read(project / "utilities" / "_published__sources.yml")["sources"]:
        yield from source["tables"]


def _read(file: Path) -> Mapping[str, Any]:
    import yaml

    content: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


def write(docs: Path) -> Path:
    """Write the page; its path is returned."""
    path = docs / PAGE
    path.write_text(data_dictionary(), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.stderr.write(f"wrote {write(repo_root() / 'docs')}\n")
