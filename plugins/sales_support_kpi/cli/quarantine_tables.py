"""What `kpi quarantine` shows in a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sales_support_kpi.cli import output

if TYPE_CHECKING:
    from sales_support_kpi.landing.kept_rows import KeptRow
    from sales_support_kpi.landing.kept_summary import Summary
    from sales_support_kpi.settings import Home


def print_summaries(found: "Sequence[Summary]") -> None:
    """Counts by reason, over the nights."""
    from rich.table import Table

    if not found:
        output.say("nothing is kept back")
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for header in ("Source", "Entity", "Reason", "Column"):
        table.add_column(header)
    for header in ("Open", "Released", "Since", "Last nights"):
        table.add_column(header, justify="right", no_wrap=True)
    for one in found:
        table.add_row(
            one.source,
            one.entity,
            one.reason,
            one.column_name or "",
            str(one.open),
            str(one.released) if one.released else "",
            one.since.isoformat(),
            " → ".join(str(count) for _, count in one.nights),
        )
    output.stdout_console().print(table)


def print_rejected(home: "Home") -> None:
    """Good rows that a rule leaves out: nothing to correct here, they are decided every night."""
    from sales_support_kpi.report.published import current_night
    from sales_support_kpi.warehouse.published import current_dir

    if current_dir(home) is None:
        return
    with current_night(home).open(people=False) as reader:
        rows = reader.table("rejected_summary")
    if not rows:
        return
    output.say("\nLeft out by a KPI's rule (recomputed every night, nothing to release):")
    for row in sorted(rows, key=lambda one: -one["row_count"]):
        output.say(
            f"  {row['kpi_id']}: {row['row_count']} of {row['source']} {row['entity']}, "
            f"{row['reason']}"
        )


def print_rows(rows: "Sequence[KeptRow]", limit: int) -> None:
    """The rows themselves, the last ones."""
    from rich.table import Table

    if not rows:
        output.say("nothing is kept back")
        return
    shown = rows[-limit:] if limit else rows
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for header in ("Id", "State", "Place", "Column", "Value", "Why"):
        table.add_column(header)
    for row in shown:
        table.add_row(
            row.id, row.state, row.place, row.column_name or "", row.value or "", row.message
        )
    output.stdout_console().print(table)
    if len(shown) < len(rows):
        output.say(f"the last {len(shown)} of {len(rows)}; --limit 0 shows all")
