"""`kpi worklist`: which customer records to put right, best first."""

import re
from pathlib import Path
from typing import Annotated

import typer

from sales_support_kpi.cli import options, output
from sales_support_kpi.errors import UsageError


def worklist(
    steward: Annotated[
        str | None,
        typer.Option("--steward", metavar="ID", help="Whose list; - for records without one."),
    ] = None,
    everybody: Annotated[
        Path | None,
        typer.Option("--all", metavar="DIR", help="A workbook for every steward, in this folder."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE.xlsx", help="Else worklist-ID.xlsx."),
    ] = None,
    lang: options.LangOption = "ko",
    home: options.HomeOption = None,
) -> None:
    """Write the worklist of customer records, a workbook for each steward.

    What lifts the KPI most comes first: records that one fix makes right. It says what is new, how
    long it stood, what was put right, and how many fixes lead to the target. It holds ids and
    rules of that steward's records alone, no contact data; only its owner can read the file.

    Examples:
      kpi worklist --steward e12 -o e12.xlsx
      kpi worklist --all worklists/ --lang en
    """
    from sales_support_kpi.records.worklist import open_worklists
    from sales_support_kpi.records.worklist_xlsx import summary, worklist_xlsx

    if (steward is None) == (everybody is None):
        raise UsageError("name one steward with --steward ID, or a folder for all with --all DIR")
    if everybody is not None and file is not None:
        raise UsageError("-o is for one steward; with --all the files are named after stewards")
    with open_worklists(options.home_of(home)) as found:
        if steward is not None:
            target = file or Path(f"worklist-{_safe(steward)}.xlsx")
            if target.suffix.lower() != ".xlsx":
                raise UsageError(f"{target}: a worklist is a workbook; name a file.xlsx")
            chosen = found.of(steward)
            output.write_private([worklist_xlsx(chosen, lang)], target)
            output.say("\n".join((f"wrote {target}", *summary(chosen, lang))))
        elif everybody is not None:
            everybody.mkdir(parents=True, exist_ok=True, mode=0o700)
            names = found.stewards()
            for name in names:
                target = everybody / f"worklist-{_safe(name)}.xlsx"
                output.write_private([worklist_xlsx(found.of(name), lang)], target)
            output.say(f"wrote {len(names)} worklists to {everybody}")


def _safe(name: str) -> str:
    """The id as part of a file's name; two ids never share one."""
    plain = re.sub(r"[^\w.-]", "_", name)
    return plain if plain == name and not name.startswith(".") else f"{plain}-{name.encode().hex()}"
