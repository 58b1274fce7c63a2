"""From the header of an input to the entity's columns, with everything wrong said clearly."""

from collections.abc import Sequence
from dataclasses import dataclass

from sales_support_kpi.aliases import Aliases, column_label, fold, language_of
from sales_support_kpi.entities import Entity
from sales_support_kpi.sources.texts import input_error, place


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column stands (0-based), and in which language the file speaks."""

    columns: dict[str, int]
    extras: dict[str, int]
    language: str


def read_header(
    entity: Entity,
    names: Sequence[str],
    aliases: Aliases,
    file: str,
    sheet: str | None = None,
    row: int = 1,
) -> Header:
    """Recognise the names of the columns; `row` is where they stand, for messages.

    Raises:
        InputError: two columns mean the same, or a required one is missing.
    """
    known = aliases.columns(entity)
    columns: dict[str, int] = {}
    extras: dict[str, int] = {}
    language = language_of(names)
    where = place(file, sheet, language)
    for position, name in enumerate(names):
        header = name.strip()
        if not fold(header) or _is_for_people(header):
            continue
        column = known.get(fold(header))
        taken = columns if column else extras
        other = taken.get(column or header)
        if other is not None:
            both = ", ".join(repr(names[at].strip()) for at in (other, position))
            raise input_error(
                "duplicate_header", language, where=where, row=row, columns=both,
                name=column or header,
            )  # fmt: skip
        taken[column or header] = position
    missing = [
        column_label(entity.name, column.name, language)
        for column in entity.columns
        if column.is_required and column.name not in columns
    ]
    if missing:
        have = ", ".join(name.strip() for name in names if name.strip()) or "-"
        raise input_error(
            "missing_columns", language, where=where, row=row, columns=", ".join(missing), have=have
        )
    return Header(columns, extras, language)


def _is_for_people(header: str) -> bool:
    """A column in [brackets] shows something to whoever fills the sheet in: it is not read."""
    return header.startswith("[") and header.endswith("]")
