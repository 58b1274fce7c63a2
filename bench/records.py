"""What judging two million customer records costs, of a whole night and in memory.

The drop holds employees, customers with all their versions and audits, nothing else. Each step is
a process of its own, so that its peak of memory is its own. `BENCH_CUSTOMERS=200000 …` for fewer,
`BENCH_VERSIONS=last` for each customer's last version alone.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

IS_LAST_ALONE = os.environ.get("BENCH_VERSIONS", "all") == "last"
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "2000000"))
GOAL_MIB = 1024
GOAL_SHARE = 0.10
NIGHT = "2026-10-31"
ENTITIES = ("employees", "customers", "record_audits")


def report() -> list[str]:
    """Seconds and peak memory of each step, and of the models that judge records."""
    with tempfile.TemporaryDirectory(prefix="bench-records-") as folder:
        place = Path(os.environ.get("BENCH_HOME", folder))
        versions = "their last version alone" if IS_LAST_ALONE else "all their versions"
        lines = [f"{CUSTOMERS:,} customers, {versions}, night {NIGHT}"]
        steps: dict[str, dict[str, Any]] = {}
        is_met = True
        for step in STEPS:
            measured = _in_own_process(step, place)
            lines.append(
                f"{step:8} {measured['seconds']:7.1f} s ({measured['cpu']:.1f} s of CPU)  "
                f"peak {measured['mib']:6.0f} MiB  {measured['said']}"
            )
            steps[step] = measured
        audit, night = steps["audit"], [steps[step] for step in ("build", "audit", "publish")]
        for unit in ("seconds", "cpu"):
            share = audit[unit] / sum(step[unit] for step in night)
            lines.append(f"quality step, of build, audit and publish ({unit}): {share:.1%}")
            is_met = is_met and share <= GOAL_SHARE
        is_met = is_met and audit["mib"] <= GOAL_MIB
        goal = f"within {GOAL_MIB} MiB and {GOAL_SHARE:.0%} of a full night"
        lines.append(f"goal: {goal}: {'ok' if is_met else 'MISSED'}")
        return lines


def _in_own_process(step: str, place: Path) -> dict[str, Any]:
    printed = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "bench.records", step, str(place)],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    measured: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return measured


def _generate(place: Path) -> str:
    import pyarrow.parquet as pq

    from sales_support_kpi.sandbox.generate import Scale, world
    from sales_support_kpi.sandbox.people import Staff
    from sales_support_kpi.sandbox.rhythm import STARTS
    from sales_support_kpi.sandbox.truth import Truth

    drop = place / "drop"
    drop.mkdir(parents=True, exist_ok=True)
    scale = Scale(2, CUSTOMERS, 2, 2, 2, 12, max(1, round((CUSTOMERS / 1600) ** 0.5)))
    staff = Staff(scale.blocks, int(STARTS[-1]))
    writers: dict[str, pq.ParquetWriter] = {}
    rows = dict.fromkeys(ENTITIES, 0)
    for entity, table in world(scale, 1, staff, Truth(staff.seen_before, staff.teams)):
        if entity not in ENTITIES:
            break
        if entity not in writers:
            writers[entity] = pq.ParquetWriter(drop / f"{entity}.parquet", table.schema)
        writers[entity].write_table(table)
        rows[entity] += table.num_rows
    for writer in writers.values():
        writer.close()
    if IS_LAST_ALONE:
        rows["customers"] = _keep_last_versions(drop / "customers.parquet")
    return ", ".join(f"{count:,} {entity}" for entity, count in rows.items())


def _keep_last_versions(file: Path) -> int:
    import duckdb

    aside = file.with_suffix(".all")
    file.rename(aside)
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (
                select * from read_parquet('{aside}') qualify updated_at
                    = max(updated_at) over (partition by customer_id)
            ) to '{file}' (format parquet)"""
        )
        (count,) = connection.execute(f"select count(*) from '{file}'").fetchall()[0]
    aside.unlink()
    return int(count)


def _land(place: Path) -> str:
    from sales_support_kpi import pipeline

    home, config, night = _asked(place)
    outcome = pipeline.ingest_drop(home, config, place / "drop", night)
    return f"{sum(load.rows_landed for load in outcome.loads):,} rows"


def _build(place: Path) -> str:
    from sales_support_kpi import pipeline

    home, config, night = _asked(place)
    built = pipeline.build(home, config, night, full_refresh=True)
    slow = sorted(built.results, key=lambda result: -result["seconds"])[:12]
    return "; ".join(f"{r['unique_id'].split('.')[2]} {r['seconds']:.1f} s" for r in slow)


def _audit(place: Path) -> str:
    from sales_support_kpi import pipeline

    home, config, _ = _asked(place)
    verdict = pipeline.audit(home, config, pipeline.read_build(home))
    return f"{len(verdict.results)} results, {len(verdict.warnings)} warnings"


def _publish(place: Path) -> str:
    from sales_support_kpi import pipeline
    from sales_support_kpi.quality.results import Verdict

    home, config, _ = _asked(place)
    published = pipeline.publish(home, config, pipeline.read_build(home), Verdict(()))
    return published.publish_id


def _asked(place: Path) -> tuple[Any, Any, Any]:
    from sales_support_kpi.config import load_config
    from sales_support_kpi.night import parse_as_of
    from sales_support_kpi.settings import Home, repo_root

    config = load_config(repo_root() / "examples" / "demo_company" / "config")
    return Home(place / "home"), config, parse_as_of(NIGHT, config.company.timezone)


STEPS: dict[str, Callable[[Path], str]] = {
    "generate": _generate,
    "land": _land,
    "build": _build,
    "audit": _audit,
    "publish": _publish,
}


def main(step: str, place: str) -> None:
    """One step, measured: the last line printed is its JSON."""
    import resource
    import time

    began = time.perf_counter()
    said = STEPS[step](Path(place))
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    measured = {
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "mib": used.ru_maxrss / 1024,
        "said": said,
    }
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
