"""`kpi rows`: the records behind a value."""

import io
from typing import Annotated

import typer

from sales_support_kpi.cli import options, output


def rows(
    kpi: Annotated[str, typer.Argument(metavar="KPI", help="The KPI's id.")],
    home: options.HomeOption = None,
    grain: options.GrainOption = None,
    period: options.PeriodOption = None,
    scope: options.ScopeOption = "company",
    lang: options.LangOption = "ko",
    limit: Annotated[int, typer.Option(min=0, help="Most rows on the terminal; 0 shows all.")] = 50,
    format: Annotated[
        options.RowsFormat | None,
        typer.Option("--format", help="How to write them (default: text)."),
    ] = None,
    file: options.OutputOption = None,
) -> None:
    """Show the records behind a value, with their source's own keys.

    The rows that pull the value down come first. Their sum is the scorecard's value.

    Examples:
      kpi rows inquiry_within_4h --period 2026-10
      kpi rows customer_record_accuracy --scope employee:e12
      kpi rows crm_entry_rate --period 2026-10 -o rows.xlsx
    """
    from sales_support_kpi.report import rows_output
    from sales_support_kpi.report.rows import open_rows

    chosen = options.format_of(options.RowsFormat, format, file)
    with open_rows(
        options.home_of(home), kpi, period=period, grain=grain, scope=scope, lang=lang
    ) as found:
        match chosen:
            case options.RowsFormat.CSV:
                output.write_text(rows_output.rows_csv(found), file)
            case options.RowsFormat.JSON:
                output.write_text(rows_output.rows_json(found), file)
            case options.RowsFormat.XLSX:
                target = io.BytesIO()
                rows_output.rows_xlsx(found, target)
                output.write_bytes([target.getvalue()], file)
            case options.RowsFormat.TEXT if file is None:
                rows_output.render_rows(found, output.stdout_console(), limit or None)
            case options.RowsFormat.TEXT:
                output.write_text([rows_output.rows_text(found, limit or None)], file)
        if not found.total.is_published:
            output.say(
                f"the rows of {kpi} do not sum up to the published value; please report this"
            )
