"""Try what a configuration names: `Config → CheckLine…`, behind `kpi check`.

Every enabled source of files is looked up: does its path exist, does any file match, can they be
opened. What is inside the files is judged when they are landed. Every system is asked: does the
connection work, and is everything there that the source's options name. So is the database server
that nights are served on.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sales_support_kpi.config.effective import Config, enabled_kpis, enabled_sources
from sales_support_kpi.config.kpis import Kpi
from sales_support_kpi.config.publishing import Publish
from sales_support_kpi.config.sources import Source
from sales_support_kpi.errors import InputError, SalesSupportKpiError
from sales_support_kpi.sources.files import files_of, kind_of

_WILDCARDS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was tried; `message` says what was found and, if not good, what to do."""

    is_ok: bool
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{'ok' if self.is_ok else 'problem'}: {self.subject}: {self.message}"


def check(config: Config) -> tuple[CheckLine, ...]:
    """Try the whole configuration; every finding, good and bad."""
    enabled, sources = enabled_kpis(config), enabled_sources(config)
    lines = [
        CheckLine(
            True,
            str(config.directory),
            f"{len(enabled)} KPIs enabled, {len(sources)} sources enabled",
        )
    ]
    lines += [line for source in sources for line in _check_source(config, source)]
    lines += [line for one in enabled for line in _check_entities(one, sources)]
    if config.company.publish.to != "files":
        lines.append(_check_server(config.company.publish))
    return tuple(lines)


def source_files(source: Source) -> tuple[Path, ...]:
    """The tables and workbooks that a source of files consists of now; none is no error."""
    try:
        files = files_of(source.path) if source.path is not None else []
    except InputError:
        return ()
    return tuple(path for path in files if kind_of(path) is not None)


def _check_source(config: Config, source: Source) -> Iterator[CheckLine]:
    subject = f"source {source.id}"
    if source.kind != "files":
        from sales_support_kpi.sources.extract.checking import check as check_system

        for finding in check_system(config, source):
            yield CheckLine(finding.is_ok, subject, finding.message)
        return
    if source.path is None:
        return
    files = source_files(source)
    if files:
        yield CheckLine(True, subject, f"{_counted(files)} at {source.path}")
    elif source.mode == "changes" and source.path.is_dir():
        yield CheckLine(True, subject, f"the drop box {source.path} is empty")
    else:
        yield CheckLine(False, subject, _why_empty(source.path))
    for path in files:
        if not os.access(path, os.R_OK):
            yield CheckLine(False, subject, f"{path} cannot be read: allow this user to read it")


def _counted(files: tuple[Path, ...]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"


def _why_empty(path: Path) -> str:
    if path.is_dir():
        return f"the folder {path} holds no table or workbook (.csv, .xlsx, …): put them there"
    if _WILDCARDS & set(path.name):
        if not path.parent.exists() and not _WILDCARDS & set(str(path.parent)):
            return f"the folder {path.parent} does not exist: correct path: or make it"
        return f"no table or workbook (.csv, .xlsx, …) matches {path}: correct path:"
    if path.exists():
        return f"{path} is no table or workbook (.csv, .xlsx, …): correct path:"
    return f"{path} does not exist: correct path: or put the file there"


def _check_server(publish: Publish) -> CheckLine:
    from sales_support_kpi.serving import check_server

    try:
        return CheckLine(True, "publish", check_server(publish))
    except SalesSupportKpiError as error:
        return CheckLine(False, "publish", str(error))


def _check_entities(one: Kpi, sources: tuple[Source, ...]) -> Iterator[CheckLine]:
    """Say of a KPI that no source can feed it, where that can be known before landing."""
    if not sources or not all(source.entities for source in sources):
        return
    fed = {entity for source in sources for entity in source.entities}
    for entity in one.required:
        if entity not in fed:
            yield CheckLine(
                False,
                f"KPI {one.id}",
                f"no enabled source has {entity}: add it to a source, or do not enable the KPI",
            )
