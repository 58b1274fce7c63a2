"""Build the warehouse of one night: control tables, then one `dbt build`, in this process.

`accepted loads + config + night → home/warehouse/build.duckdb`. The file is private to the pipeline
and may be deleted at any time: the next build makes it anew, with the same numbers.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from sales_support_kpi.config import Config
from sales_support_kpi.errors import AuditFailed, BuildFailed, NoAcceptedLoad
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.code import code_version, measuring_hash, publishing_hash
from sales_support_kpi.warehouse.control import write_control
from sales_support_kpi.warehouse.control_tables import Marks, SourceState
from sales_support_kpi.warehouse.statements import write_history

if TYPE_CHECKING:
    import pyarrow as pa

    from sales_support_kpi.landing import Manifest

NodeListener = Callable[[str, int, int], None]

NODES = ("--exclude-resource-type", "unit_test")  # worked examples judge code, not a night


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build.

    Attributes:
        inputs_hash: of everything the night is a function of: loads, config, calendar, code, as_of.
        seconds: wall time, dbt's start included.
        results: one entry per dbt node: `unique_id, status, seconds`.
    """

    file: Path
    night: Night
    known_at: date | None
    inputs_hash: str
    is_full_refresh: bool
    seconds: float
    results: list[dict[str, Any]] = field(default_factory=list)


def build(
    home: Home,
    config: Config,
    night: Night,
    *,
    loads: Sequence["Manifest"],
    sources: Sequence[SourceState],
    known_at: date | None = None,
    full_refresh: bool = False,
    file: Path | None = None,
    listener: NodeListener | None = None,
    said_in: Home | None = None,
) -> Build:
    """Build every model of the night; incremental where nothing forbids it.

    What was reported before is read from `said_in` (default: `home` itself).

    Raises:
        NoAcceptedLoad: nothing has ever been landed.
        BuildFailed: a model failed.
        AuditFailed: a dbt test failed: the models do not keep their promises.
    """
    if not loads:
        raise NoAcceptedLoad(
            "nothing has been landed yet, so there is nothing to build; "
            "give a workbook or folder with --source, or enable a source in sources.yml"
        )
    started = time.monotonic()
    file = file or home.build_file
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    tables, calendar_hash = _calendar(config, night)
    refresh_key = _digest(config.hash, calendar_hash, measuring_hash(), str(known_at))
    if full_refresh:
        _remove(file)
    marks = _marks(file, night, loads, refresh_key)
    if marks is None:
        _remove(file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        write_control(
            connection,
            config=config,
            night=night,
            known_at=known_at,
            loads=loads,
            sources=sources,
            marks=marks,
            calendar=tables,
            refresh_key=refresh_key,
            code_version=code_version(),
        )
        write_history(connection, said_in or home, night, known_at)
    results = _dbt_build(file, listener)
    with duckdb.connect(str(file)) as connection:
        connection.execute("update control.night set is_complete = true")
    return Build(
        file=file,
        night=night,
        known_at=known_at,
        inputs_hash=_inputs_hash(config, calendar_hash, night, loads, sources, known_at),
        is_full_refresh=marks is None,
        seconds=time.monotonic() - started,
        results=results,
    )


def inputs_hash(
    config: Config,
    night: Night,
    loads: Sequence["Manifest"],
    sources: Sequence[SourceState],
    known_at: date | None,
) -> str:
    """Hash of everything a night is a function of."""
    return _inputs_hash(config, _calendar(config, night)[1], night, loads, sources, known_at)


def _inputs_hash(
    config: Config,
    calendar_hash: str,
    night: Night,
    loads: Sequence["Manifest"],
    sources: Sequence[SourceState],
    known_at: date | None,
) -> str:
    return _digest(
        config.hash,
        calendar_hash,
        publishing_hash(),
        night.as_of.isoformat(),
        str(known_at),
        json.dumps(sorted((load.source, load.entity, load.load_seq) for load in _with_news(loads))),
        json.dumps([(source.source, source.is_stale) for source in sources]),
    )


def _with_news(loads: Sequence["Manifest"]) -> list["Manifest"]:
    """Without those that only move a bookmark: the first of an entity says that it is there."""
    known: set[tuple[str, str]] = set()
    told = []
    for load in sorted(loads, key=lambda load: load.load_seq):
        is_first = (load.source, load.entity) not in known
        if is_first or load.rows_landed or load.tombstones or load.rows_quarantined:
            told.append(load)
        known.add((load.source, load.entity))
    return told


def _calendar(config: Config, night: Night) -> tuple[dict[str, "pa.Table"], str]:
    """The tables of days and working time that the night needs, and their hash."""
    from sales_support_kpi import calendar

    first, last = calendar.calendar_range(night.as_of, config.company.timezone)
    tables = {
        "days": calendar.days(config.company, first, last),
        "working_intervals": calendar.working_intervals(config.company, first, last),
    }
    return tables, calendar.calendar_hash(*tables.values())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _marks(file: Path, night: Night, loads: Sequence["Manifest"], refresh_key: str) -> Marks | None:
    """From where an incremental build may go on; none where only a full one is right."""
    if not file.exists():
        return None
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            found = connection.execute(
                "select as_of, load_seq, is_complete, previous_as_of, previous_load_seq, "
                "refresh_key from control.night"
            ).fetchone()
            seen = {
                row[0]
                for row in connection.execute("select load_seq from control.loads").fetchall()
            }
    except duckdb.Error:
        return None
    if found is None or found[5] != refresh_key:
        return None
    as_of, load_seq, is_complete, previous_as_of, previous_load_seq, _ = found
    if not is_complete:  # killed in between: go on from where the last completed one ended
        if previous_load_seq < 0:
            return None
        as_of, load_seq = previous_as_of, previous_load_seq
    is_older = night.as_of < as_of
    is_superset = {s for s in seen if s <= load_seq} <= {load.load_seq for load in loads}
    has_late_number = any(load.load_seq <= load_seq and load.load_seq not in seen for load in loads)
    if is_older or not is_superset or has_late_number:
        return None
    return Marks(load_seq, as_of)


def _remove(file: Path) -> None:
    for path in (file, file.with_name(file.name + ".wal")):
        path.unlink(missing_ok=True)


_parsed: list[Any] = []  # dbt's manifest: parsing takes seconds and one process needs it once


def _dbt_build(file: Path, listener: NodeListener | None) -> list[dict[str, Any]]:
    from dbt.cli.main import dbtRunner

    target = file.parent / "dbt"
    common = [
        *("--project-dir", str(repo_root() / "dbt_project")),
        *("--profiles-dir", str(repo_root() / "dbt_project")),
        *("--target-path", str(target)),
        *("--log-path", str(target / "logs")),
    ]
    quiet = ["--quiet", "--log-level", "none", "--no-use-colors"]
    with _environment(KPI_BUILD_FILE=str(file), DBT_TARGET_PATH=str(target)):
        if not _parsed:
            parsed = dbtRunner().invoke([*quiet, "parse", *common])
            if not parsed.success:
                raise BuildFailed(f"dbt cannot parse the project: {parsed.exception}")
            _parsed.append(parsed.result)
        runner = dbtRunner(manifest=_parsed[0], callbacks=_callbacks(listener))
        with duckdb.connect(str(file)):  # else dbt opens and closes the file for every node
            outcome = runner.invoke([*quiet, "build", *common, *NODES])
    executed: Sequence[Any] | None = getattr(outcome.result, "results", None)
    if executed is None:
        raise BuildFailed(f"dbt could not start: {outcome.exception}")
    results = [
        {
            "unique_id": result.node.unique_id,
            "status": str(result.status),
            "seconds": result.execution_time,
            "message": result.message or "",
        }
        for result in executed
    ]
    _raise_failures(results)
    return results


def _raise_failures(results: Sequence[dict[str, Any]]) -> None:
    errors = [r for r in results if r["status"] == "error"]
    if errors:
        first = errors[0]
        raise BuildFailed(
            f"{first['unique_id']}: {first['message']} ({len(errors)} node(s) failed)"
        )
    failures = [r for r in results if r["status"] == "fail"]
    if failures:
        names = ", ".join(r["unique_id"].split(".")[2] for r in failures)
        raise AuditFailed(f"dbt tests failed: {names}; nothing was published")


def _callbacks(listener: NodeListener | None) -> list[Callable[[Any], None]]:
    if listener is None:
        return []

    def on_event(event: Any) -> None:  # noqa: ANN401 - dbt's protobuf message
        counts = {
            "LogModelResult": "total",
            "LogSeedResult": "total",
            "LogTestResult": "num_models",
        }
        if event.info.name in counts:
            total = getattr(event.data, counts[event.info.name])
            listener(event.data.node_info.node_name, event.data.index, total)

    return [on_event]


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set environment variables that dbt's profile reads, for the time of one invocation."""
    values |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
