"""File drops: a workbook, a folder or a single file → one `Table` per entity.

By hand: `python -c "from sales_support_kpi.sources.files import …"`; see `open_drop`.
"""

import glob
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from sales_support_kpi.aliases import is_korean, sheet_label
from sales_support_kpi.entities import ENTITIES, Entity
from sales_support_kpi.errors import InputError
from sales_support_kpi.sources.tables import Drop, ReadRules, Table
from sales_support_kpi.sources.texts import input_error, place

WORKBOOKS = (".xlsx", ".xlsm")
_KINDS = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")
# what people and programs add to a file's name: 요청_20261031, requests (2), 요청 - 복사본
_BEHIND = re.compile(
    r"[\s_.\-]*(\([^()]*\)|\[[^\[\]]*\]|복사본|사본|copy|최종본?|final|수정본?|v?\d[\d\s.\-_년월일주차분기]*)$",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"^\d[\d.\-_년월일주차분기]*[\s_.\-]*(?=\D)")


def files_of(path: Path) -> list[Path]:
    """The files a path stands for: itself, a folder's, or those a pattern finds.

    Raises:
        InputError: there are none.
    """
    if path.is_dir():
        found = sorted(path.iterdir())
    elif path.exists():
        return [path]
    else:
        found = sorted(Path(name) for name in glob.glob(str(path)))  # noqa: PTH207
    files = [one for one in found if one.is_file() and not one.name.startswith(("~$", "."))]
    if not files and not path.is_dir():
        raise input_error("not_found", "ko" if is_korean(path.name) else "en", path=path)
    return files


def kind_of(path: Path) -> str | None:
    """`.csv`, `.parquet`, …, also behind `.gz`; None for what is no table."""
    name = path.name.lower().removesuffix(".gz")
    return next((kind for kind in (*_KINDS, *WORKBOOKS) if name.endswith(kind)), None)


def entity_stem(path: Path) -> str:
    """The file's name without its endings."""
    name = unicodedata.normalize("NFC", path.name)
    name = name[: -len(".gz")] if name.lower().endswith(".gz") else name
    return name.rsplit(".", 1)[0]


def tables_at(path: Path) -> list[Path]:
    """The tables and workbooks that a path stands for now; none is no error."""
    try:
        return [file for file in files_of(path) if kind_of(file)]
    except InputError:
        return []


def entity_of_file(file: Path, rules: ReadRules) -> Entity | None:
    """The entity that a file's name says, whatever date, number or `복사본` stands beside it."""
    name = entity_stem(file)
    while True:
        if entity := rules.aliases.entity(name):
            return entity
        shorter = _BEFORE.sub("", _BEHIND.sub("", name)).strip(" _.-")
        if shorter == name or not shorter:
            return None
        name = shorter


def may_hold_an_entity(file: Path, rules: ReadRules) -> bool:
    """Whether a file is a workbook, or named after an entity, perhaps with a slip."""
    return (
        kind_of(file) in WORKBOOKS
        or entity_of_file(file, rules) is not None
        or rules.aliases.close_entity(entity_stem(file)) is not None
    )


def open_drop(
    path: Path, rules: ReadRules, spool: Path, is_known: Callable[[str, str], bool] | None = None
) -> Drop:
    """Open a file drop; nothing of its rows is read yet, except a workbook's.

    Args:
        path: workbook, folder, single file or pattern.
        rules: how to read it.
        spool: an existing folder for what has to be written aside.
        is_known: `(entity, fingerprint)`: whether this input needs no reading again.

    Raises:
        InputError: the drop cannot be read at all; the message says where and what to do.
    """
    files = files_of(path)
    workbooks = [one for one in files if kind_of(one) in WORKBOOKS]
    if len(files) == 1 and not path.is_dir():
        return _open_single(files[0], rules, spool)
    if workbooks and len(workbooks) == len([one for one in files if kind_of(one)]) == 1:
        return _open_single(workbooks[0], rules, spool)
    return _open_folder(path, files, rules, spool)


def _open_single(file: Path, rules: ReadRules, spool: Path) -> Drop:
    kind = kind_of(file)
    language = "ko" if is_korean(file.name) else "en"
    if kind in WORKBOOKS:
        from sales_support_kpi.sources.workbook import open_workbook

        return open_workbook(file, rules, spool)
    if kind is None:
        code = "encrypted" if file.suffix.lower() == ".xls" else "unsupported"
        raise input_error(code, language, file=file.name)
    return _open_folder(file, [file], rules, spool)


def _open_folder(path: Path, files: Sequence[Path], rules: ReadRules, spool: Path) -> Drop:
    found: dict[str, Path] = {}
    tables: list[Table] = []
    notes: list[str] = []
    unknown: list[Path] = []
    for file in files:
        inside = _inside(file, rules, spool)
        if inside is None:
            unknown.append(file)
            continue
        notes += inside.notes
        for table in inside:
            if first := found.get(table.entity.name):
                raise input_error(
                    "twice", _language(file), path=path, entity=table.entity.name,
                    first=first.name, second=file.name,
                )  # fmt: skip
            found[table.entity.name] = file
            tables.append(table)
    for file in unknown:
        refuse_typo(entity_stem(file), file.name, None, rules, found) if kind_of(file) else None
        notes.append(f"{file.name}: skipped, it is no table of a known entity")
    if not found:
        names = ", ".join(file.name for file in files) or "-"
        raise nothing_recognised(path, "file", names, _language(*files))
    return Drop(tuple(tables), tuple(notes))


def _inside(file: Path, rules: ReadRules, spool: Path) -> Drop | None:
    """What one file of a folder holds; None where it is no table of ours."""
    if kind_of(file) in WORKBOOKS:
        from sales_support_kpi.sources.workbook import has_entities, open_workbook

        return open_workbook(file, rules, spool) if has_entities(file, rules) else None
    entity = entity_of_file(file, rules)
    if kind_of(file) is None or entity is None:
        return None
    return Drop((_open_table(file, entity, rules, spool),))


def refuse_typo(
    name: str, file: str, sheet: str | None, rules: ReadRules, found: dict[str, Path] | set[str]
) -> None:
    """Refuse a name that is nearly that of an entity which is not there by its right name.

    Raises:
        InputError: it is; the message suggests the right name.
    """
    close = rules.aliases.close_entity(name)
    if close is None or close.name in found:
        return
    language = "ko" if is_korean(name) else "en"
    raise input_error(
        "typo", language, where=place(file, sheet, language),
        suggestion=sheet_label(close.name, language),
    )  # fmt: skip


def nothing_recognised(path: Path, thing: str, names: str, language: str) -> Exception:
    """The error for a drop without any entity."""
    known = ", ".join(sheet_label(name, language) for name in ENTITIES)
    korean = {"file": "파일", "sheet": "시트"}
    return input_error(
        "nothing_recognised", language, path=path, names=names, known=known,
        thing=korean[thing] if language == "ko" else thing,
    )  # fmt: skip


def _language(*files: Path) -> str:
    return "ko" if any(is_korean(file.name) for file in files) else "en"


def _open_table(file: Path, entity: Entity, rules: ReadRules, spool: Path) -> Table:
    kind = kind_of(file)
    if file.stat().st_size == 0:
        raise input_error("empty_file", _language(file), file=file.name)
    if kind in (".csv", ".tsv"):
        from sales_support_kpi.sources.delimited import open_delimited

        return open_delimited(file, entity, rules, spool)
    from sales_support_kpi.sources.columnar import open_json_lines, open_parquet

    opener = open_parquet if kind == ".parquet" else open_json_lines
    return opener(file, entity, rules, spool)
