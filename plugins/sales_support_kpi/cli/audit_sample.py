"""`kpi audit-sample`: records to verify by hand."""

from pathlib import Path
from typing import Annotated

import typer

from sales_support_kpi.cli import options, output
from sales_support_kpi.errors import UsageError


def audit_sample(
    month: Annotated[
        str, typer.Option("--month", metavar="MONTH", help="The month to audit: 2026-10.")
    ],
    size: Annotated[int, typer.Option("--size", min=2, help="How many records to draw.")] = 200,
    seed: Annotated[
        str | None,
        typer.Option(
            "--seed", help="Any text; else that of the month's first sample, drawn at random."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE.xlsx", help="Else audit-MONTH.xlsx."),
    ] = None,
    lang: options.LangOption = "ko",
    home: options.HomeOption = None,
) -> None:
    """Draw customer records to verify by hand.

    The sample is drawn by steward and segment, the same one each time. Fill in the verdicts and
    give the workbook back with `kpi run --source`: how many records are right then stands in
    `audit_estimates`, with its interval, beside what the rules say.

    Examples:
      kpi audit-sample --month 2026-10 --size 200
      kpi audit-sample --month 2026-10 --size 60 --seed second-look -o second.xlsx --lang en
    """
    from sales_support_kpi.records.sample_workbook import sample_workbook
    from sales_support_kpi.records.sampling import draw
    from sales_support_kpi.report.periods import Grain, parse_period

    period = parse_period(month)
    if period.grain is not Grain.MONTH:
        raise UsageError(f"--month {month!r} is a {period.grain}; write a month like 2026-10")
    target = file or Path(f"audit-{period.label}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"{target}: the sample is a workbook; name a file that ends with .xlsx")
    sample = draw(options.home_of(home), period, size, seed)
    output.write_private([sample_workbook(sample, lang)], target)
    output.say(
        f"wrote {target}: {len(sample.records):,} of {sample.population:,} active records from "
        f"{len(sample.strata)} strata (seed {sample.seed}). It holds contact data. "
        f"Fill in the verdicts, then: kpi run --source {target}"
    )
