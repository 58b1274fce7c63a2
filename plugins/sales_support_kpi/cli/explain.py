"""`kpi explain`: why a value differs from another period's, or from its target."""

from typing import Annotated

import typer

from sales_support_kpi.cli import options, output


def explain(
    kpi: Annotated[str, typer.Argument(metavar="KPI", help="The KPI's id.")],
    home: options.HomeOption = None,
    grain: options.GrainOption = None,
    period: options.PeriodOption = None,
    versus: Annotated[
        str | None,
        typer.Option(
            "--vs",
            metavar="PERIOD",
            help="Another period of the same length, or 'previous'; else the target.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="DIM",
            help="employee, team, kind, channel, priority, segment or part; else the one in"
            " which the fewest groups make the difference.",
        ),
    ] = None,
    scope: options.ScopeOption = "company",
    lang: options.LangOption = "ko",
    format: Annotated[
        options.RowsFormat | None,
        typer.Option("--format", help="How to write it (default: text)."),
    ] = None,
    file: options.OutputOption = None,
) -> None:
    """Say why a value differs: exactly, by group, down to the records.

    The difference is split into what the groups did better or worse (rate) and what there was
    more or less of (mix). The effects sum to the difference.

    Examples:
      kpi explain inquiry_handling_time --period 2026-10 --vs 2026-09
      kpi explain crm_entry_rate --period 2026-10 --by team
      kpi explain document_turnaround --vs previous --scope team:영업지원1팀 -o why.xlsx
    """
    from sales_support_kpi.report import explain_machine, explain_text
    from sales_support_kpi.report.explain import explain as explain_value

    chosen = options.format_of(options.RowsFormat, format, file)
    explanation = explain_value(
        options.home_of(home),
        kpi,
        period=period,
        grain=grain,
        versus=versus,
        by=by,
        scope=scope,
        lang=lang,
    )
    match chosen:
        case options.RowsFormat.CSV:
            output.write_text([explain_machine.explanation_csv(explanation)], file)
        case options.RowsFormat.JSON:
            output.write_text([explain_machine.explanation_json(explanation)], file)
        case options.RowsFormat.XLSX:
            output.write_bytes([explain_machine.explanation_xlsx(explanation)], file)
        case options.RowsFormat.TEXT if file is None:
            explain_text.render_explanation(explanation, output.stdout_console())
        case options.RowsFormat.TEXT:
            output.write_text([explain_text.explanation_text(explanation)], file)
    if not explanation.is_published:
        output.say(f"the rows of {kpi} do not sum up to the published values; please report this")
