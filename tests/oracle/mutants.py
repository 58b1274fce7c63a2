"""Wrong SQL on purpose: every mutant has to be caught by a worked example or by the oracle.

`make mutants` breaks one line of a copy of the dbt project at a time and runs dbt's unit tests; a
mutant they let pass then meets random companies until the oracle sees a difference. It prints a
table of what caught what and fails when a mutant survives.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from tests.oracle.wrong_lines import MUTANTS, Mutant

REPO = Path(__file__).resolve().parents[2]
COMPANIES = int(os.environ.get("MUTANT_COMPANIES", "12"))
FIRST_SEED = 31_000_000


def caught_by(mutant: Mutant, build_file: Path) -> str | None:
    """The first test that fails on a mutant; none: it survives."""
    from sales_support_kpi.warehouse import build, code

    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        project = _mutated(mutant, Path(folder))
        os.environ["KPI_PROJECT"] = str(project)
        build._parsed.clear()
        code.project_hash.cache_clear()
        nearest = {f"measure_{mutant.kpi}", Path(mutant.file).stem}
        return (
            _failing_example(project, build_file, nearest)
            or _failing_example(project, build_file)
            or _failing_company(Path(folder))
        )


def _mutated(mutant: Mutant, folder: Path) -> Path:
    project = folder / "project"
    shutil.copytree(REPO / "dbt_project", project / "dbt_project")
    for name in ("config", "expectations"):
        (project / name).symlink_to(REPO / name)
    path = project / "dbt_project" / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.before) != 1:
        raise SystemExit(f"{mutant.file} does not have {mutant.before!r} once: mend the mutant")
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    return project


def _failing_example(project: Path, build_file: Path, models: Collection[str] = ()) -> str | None:
    """A unit test (of those models, or of all) that fails."""
    from dbt.cli.main import dbtRunner

    chosen = [f"{model},test_type:unit" for model in sorted(models)] or ["test_type:unit"]
    os.environ |= {"KPI_BUILD_FILE": str(build_file), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
    run = dbtRunner().invoke(
        [
            *("--quiet", "--log-level", "none", "test", "--select", *chosen),
            *("--project-dir", str(project / "dbt_project")),
            *("--profiles-dir", str(project / "dbt_project")),
            *("--target-path", str(build_file.parent / "examples")),
            *("--log-path", str(build_file.parent / "examples")),
        ]
    )
    if run.exception is not None:
        return f"dbt: {run.exception}"
    results = getattr(run.result, "results", None) or ()
    return next(
        (f"example {r.node.name}" for r in results if str(r.status) not in ("pass", "success")),
        None,
    )


def _failing_company(folder: Path) -> str | None:
    from tests.oracle.companies import random_company
    from tests.oracle.compare import compare
    from tests.oracle.oracle import evaluate
    from tests.oracle.product import only, product_cells

    from sales_support_kpi.errors import SalesSupportKpiError

    for seed in range(FIRST_SEED, FIRST_SEED + COMPANIES):
        company = random_company(seed)
        place = folder / str(seed)
        try:
            found = product_cells(company, place, only("kpi_values"))
        except SalesSupportKpiError as error:
            return f"build: {type(error).__name__} (company {seed})"
        expected = evaluate(company.drops, place / "config", company.as_of, company.known_at)
        if compare(expected, found):
            return f"oracle, company {seed}"
        shutil.rmtree(place)
    return None


def _empty_build(folder: Path) -> Path:
    """A warehouse without rows: dbt's unit tests ask its tables for their types."""
    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config
    from sales_support_kpi.night import parse_as_of
    from sales_support_kpi.settings import Home, shipped_config_dir

    sys.path.insert(0, str(REPO / "tests" / "warehouse"))
    from drops import write_drop

    config = load_config(shipped_config_dir())
    night = parse_as_of("2026-10-31", config.company.timezone)
    home = Home(folder / "home")
    pipeline.ingest_drop(home, config, write_drop(folder / "drop", {}), night)
    return pipeline.build(home, config, night).file


def main() -> int:
    """Run all mutants (or those of the KPIs named on the command line)."""
    wanted = [m for m in MUTANTS if not sys.argv[1:] or m.kpi in sys.argv[1:]]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        build_file = _empty_build(Path(folder))
        broken = _failing_example(REPO, build_file)
        if broken:
            raise SystemExit(f"{broken} fails on the SQL as it is: no mutant can be judged")
        print("| KPI | wrong on purpose | caught by |\n|---|---|---|")
        for mutant in wanted:
            started = time.monotonic()
            catcher = caught_by(mutant, build_file)
            survivors += catcher is None
            print(f"| {mutant.kpi} | {mutant.wrong} | {catcher or '**survived**'} |", flush=True)
            print(f"{time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(f"\n{len(wanted)} mutants, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
