"""What has to be said beside the numbers: lateness, gaps, targets nobody agreed to."""

from dataclasses import dataclass

from sales_support_kpi.report.formatting import format_value
from sales_support_kpi.report.labels import WORDS, local_instant
from sales_support_kpi.report.model import Lang, Scorecard, ScorecardRow, SourceState, Status


@dataclass(frozen=True, slots=True)
class Note:
    """A heading and what it is about."""

    heading: str
    items: tuple[str, ...]

    @property
    def text(self) -> str:
        """The note on one line."""
        return f"{self.heading}: {', '.join(self.items)}"


def warnings(card: Scorecard) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers."""
    words = WORDS[card.lang]
    late = [_late(source, card.timezone) for source in card.sources if source.is_stale]
    found = (
        Note(words["stale_sources"], tuple(late)),
        Note(words["stale_values"], tuple(row.title for row in card.rows if row.is_stale)),
        Note(
            words["withheld_values"],
            tuple(row.title for row in card.rows if row.status is Status.WITHHELD),
        ),
    )
    return tuple(note for note in found if note.items)


def gaps(card: Scorecard) -> tuple[Note, ...]:
    """Which KPIs have no value and what they would need; whom no other system knows."""
    words = WORDS[card.lang]
    missing = tuple(
        f"{row.title} ({words['needs']}: {', '.join(row.missing_entities)})"
        for row in card.rows
        if row.missing_entities
    )
    strangers = tuple(
        f"{one.source} {words[f'unmatched_{one.entity}'].format(count=one.id_count)}"
        for one in card.unmatched
    )
    found = (Note(words["not_measured"], missing), Note(words["unmatched"], strangers))
    return tuple(note for note in found if note.items)


def row_notes(row: ScorecardRow, lang: Lang) -> tuple[str, ...]:
    """What stands beside one KPI, shortest first."""
    words = WORDS[lang]
    notes = []
    if row.missing_entities:
        notes.append(f"{words['needs']}: {', '.join(row.missing_entities)}")
    elif row.status is Status.NO_DATA:
        notes.append(words["no_cases"])
    if row.is_stale:
        notes.append(words["stale"])
    if row.target_basis in ("default", "proposed"):
        notes.append(words[f"{row.target_basis}_target"])
    if is_restated(row):
        first = format_value(row.reported_value, row.unit, lang)
        notes.append(words["restated"].format(value=first))
    return (*notes, *row.remarks)


def is_restated(row: ScorecardRow) -> bool:
    """Whether the value differs from what was said when the period was first complete."""
    if row.value is None or row.reported_value is None:
        return False
    return abs(row.value - row.reported_value) > 1e-9


def has_open_targets(card: Scorecard) -> bool:
    """Whether any target is a default or a proposal."""
    return any(row.target_basis in ("default", "proposed") for row in card.rows)


def _late(source: SourceState, timezone: str) -> str:
    if source.last_landed_at is None:
        return source.source
    return f"{source.source} ({local_instant(source.last_landed_at, timezone)})"
