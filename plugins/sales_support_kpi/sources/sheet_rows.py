"""A sheet's rows below its header, with merged cells taken apart."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from sales_support_kpi.sources.cell_texts import as_text
from sales_support_kpi.sources.header_rows import LOOK, FoundHeader, Merge, find_header

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows with their numbers as shown, from column A on, and its merged cells."""

    rows: Iterator[tuple[int, Row]]
    merges: Sequence[Merge]
    needs_notes: bool

    def split(
        self, known: Container[str] | None
    ) -> tuple[FoundHeader, int, Iterator[tuple[int, Row]]] | None:
        """The header, its row and the rows below it; None where the sheet is empty.

        A value merged over several rows stands in each of them.
        """
        head = list(islice(self.rows, LOOK))
        texts = [[as_text(value) for value in row] for _, row in head]
        found = find_header(texts, known, self.merges)
        while found is None and (more := list(islice(self.rows, LOOK))):
            head, texts = more, [[as_text(value) for value in row] for _, row in more]
            found = find_header(texts, known)
        if found is None:
            return None
        last = head[min(found.last, len(head) - 1)][0]
        below = chain(head[found.last + 1 :], self.rows)
        tall = {
            (top + 1, left): bottom + 1
            for (top, left), (bottom, _) in self.merges
            if bottom > top >= last
        }
        return found, last, unmerged(below, tall) if tall else below


def unmerged(
    rows: Iterator[tuple[int, Row]], tall: Mapping[tuple[int, int], int]
) -> Iterator[tuple[int, Row]]:
    """Repeat what is merged over several rows: (first row, column) → last row."""
    starts: dict[int, list[int]] = {}
    for number, column in tall:
        starts.setdefault(number, []).append(column)
    running: dict[int, tuple[int, Any]] = {}
    for number, row in rows:
        for column in (one for one in starts.get(number, ()) if one < len(row)):
            running[column] = (tall[number, column], row[column])
        if running:
            row = list(row)
            for column, (last, value) in list(running.items()):
                row[column] = value
                if number >= last:
                    del running[column]
        yield number, row
