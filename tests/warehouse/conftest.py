"""Companies that are built once: an empty one, an awkward one; and the parsed dbt project."""

from typing import Any

import pytest
from awkward_company import COMPANY, company
from drops import write_drop

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.quality.results import Verdict
from sales_support_kpi.settings import Home, repo_root, shipped_config_dir


@pytest.fixture(scope="session")
def empty_company(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("empty") / "home")
    config = load_config(shipped_config_dir())
    night = parse_as_of("2026-10-31", config.company.timezone)
    drop = write_drop(home.root.parent / "drop", {})
    assert pipeline.ingest_drop(home, config, drop, night).status == "landed"
    pipeline.build(home, config, night)
    return home


@pytest.fixture(scope="session")
def awkward_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The awkward company's night of 31 October, published."""
    folder = tmp_path_factory.mktemp("awkward")
    (folder / "config").mkdir()
    (folder / "config" / "company.yml").write_text(COMPANY, encoding="utf-8")
    home, config = Home(folder / "home"), load_config(folder / "config")
    night = parse_as_of("2026-10-31", config.company.timezone)
    drop = write_drop(folder / "drop", company())
    assert pipeline.ingest_drop(home, config, drop, night).status == "landed"
    pipeline.publish(home, config, pipeline.build(home, config, night), Verdict(()))
    return home


@pytest.fixture(scope="session")
def dbt_arguments(empty_company: Home) -> list[str]:
    target = empty_company.build_file.parent / "dbt"
    return [
        *("--project-dir", str(repo_root() / "dbt_project")),
        *("--profiles-dir", str(repo_root() / "dbt_project")),
        *("--target-path", str(target)),
        *("--log-path", str(target / "logs")),
    ]


@pytest.fixture(scope="session")
def manifest(empty_company: Home, dbt_arguments: list[str]) -> Any:
    """The parsed dbt project (parsed by the build already: this reads what that left)."""
    from dbt.cli.main import dbtRunner

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPI_BUILD_FILE", str(empty_company.build_file))
        parsed = dbtRunner().invoke(["--quiet", "--log-level", "none", "parse", *dbt_arguments])
    assert parsed.success, parsed.exception
    return parsed.result
