"""dbt docs of a night: every model with its columns, SQL, lineage, metrics and readers, one page.

What the night's build left (`dbt/manifest.json`, the tables) + dbt's own page
→ dbt_docs/<night>/index.html, and dbt_docs/index.html leads to the last one

It is what `dbt docs generate --static` writes, without starting dbt: a publish neither parses the
project again nor opens the build for writing. Left out is what is no reader's business (where files
lie on this machine) or nobody's (the macros of dbt itself, a third of the page).
"""

import json
import logging
import os
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.inputs import BuildLike
from sales_support_kpi.warehouse.published import swap_symlink

PAGE = "index.html"
_PROJECT = "sales_support_kpi"
_OF_THIS_MACHINE = ("compiled_path", "build_path", "root_path")
_METADATA = ("dbt_schema_version", "dbt_version", "project_name", "project_id", "adapter_type")


def dbt_docs_page(home: Home, night: date) -> Path | None:
    """The page of a night; none where there is none (any more)."""
    page = home.dbt_docs / night.isoformat() / PAGE
    return page if page.is_file() else None


def build_dbt_docs(home: Home, build: BuildLike, *, keep: int) -> Path | None:
    """Write the page of a build, and remove those of all but the last `keep` nights.

    Pages for people never stop a night: what goes wrong here is logged.
    """
    name = build.night.date.isoformat()
    try:
        page = _write(home.dbt_docs / name, _page(build.file))
        swap_symlink(home.dbt_docs / PAGE, Path(name) / PAGE)
        _prune(home, keep)
    except Exception:  # anything within what dbt wrote
        logging.getLogger(__name__).exception("the dbt docs of %s were not written", name)
        return None
    return page


def _write(folder: Path, page: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{PAGE}-{os.getpid()}"
    aside.write_text(page, encoding="utf-8")
    return aside.replace(folder / PAGE)


def _prune(home: Home, keep: int) -> None:
    nights = sorted(
        path for path in home.dbt_docs.iterdir() if re.fullmatch(r"\d{4}-\d{2}-\d{2}", path.name)
    )
    shown = (home.dbt_docs / PAGE).resolve().parent.name
    for old in nights[:-keep]:
        if old.name != shown:
            shutil.rmtree(old)


def _page(build_file: Path) -> str:
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    left = build_file.parent / "dbt" / "manifest.json"
    manifest = _for_readers(json.loads(left.read_text(encoding="utf-8")))
    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for place, content in (
        ('"MANIFEST.JSON INLINE DATA"', manifest),
        ('"CATALOG.JSON INLINE DATA"', _catalog(build_file, manifest)),
    ):
        if page.count(place) != 1:
            raise ValueError(f"dbt's page has no single place for {place}")
        page = page.replace(place, _in_script(content))
    return page


def _for_readers(manifest: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: manifest["metadata"][name] for name in _METADATA}
    nothing: dict[str, Any] = {"send_anonymous_usage_stats": False, "user_id": None, "env": {}}
    manifest["metadata"] = metadata | nothing
    for kind in ("nodes", "sources", "unit_tests", "exposures", "metrics", "semantic_models"):
        for node in manifest[kind].values():
            for name in _OF_THIS_MACHINE:
                node.pop(name, None)
    manifest["macros"] = {
        name: macro
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == _PROJECT
    }
    return manifest


def _catalog(build_file: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What dbt calls the catalog: the tables as they are in the build."""
    with duckdb.connect(str(build_file), read_only=True) as reader:
        found = reader.execute(
            "select table_schema, table_name, table_type, "
            "list((column_name, data_type) order by ordinal_position) "
            "from information_schema.columns join information_schema.tables "
            "using (table_catalog, table_schema, table_name) group by all"
        ).fetchall()
    tables = {(schema, name): (kind, columns) for schema, name, kind, columns in found}

    def entries(kind: str) -> dict[str, Any]:
        names = {"nodes": "alias", "sources": "identifier"}
        return {
            unique_id: _entry(unique_id, key, *tables[key])
            for unique_id, node in manifest[kind].items()
            if (key := (node["schema"], node.get(names[kind]))) in tables
        }

    return {
        "metadata": {"generated_at": datetime.now(UTC).isoformat()},
        "nodes": entries("nodes"),
        "sources": entries("sources"),
        "errors": None,
    }


def _entry(
    unique_id: str, key: tuple[str, str], kind: str, columns: list[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "unique_id": unique_id,
        "metadata": {"type": kind, "schema": key[0], "name": key[1], "comment": None},
        "columns": {
            name: {"type": data_type, "index": index, "name": name, "comment": None}
            for index, (name, data_type) in enumerate(columns, start=1)
        },
        "stats": {},
    }


def _in_script(content: object) -> str:
    """JSON that stands within a script: nothing in it may end the script."""
    return json.dumps(content, ensure_ascii=False).replace("</", "<\\/")
