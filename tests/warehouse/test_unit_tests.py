"""dbt's unit tests: the worked examples of the KPI dictionary, each run on its own rows."""

from typing import Any

import pytest

from sales_support_kpi.settings import Home


@pytest.fixture(scope="module")
def outcomes(empty_company: Home, manifest: Any, dbt_arguments: list[str]) -> dict[str, Any]:
    """Status and message of every unit test, by its name; all run in one invocation."""
    from dbt.cli.main import dbtRunner

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPI_BUILD_FILE", str(empty_company.build_file))
        run = dbtRunner(manifest=manifest).invoke(
            ["--quiet", "--log-level", "none", "test", *dbt_arguments, "--select", "test_type:unit"]
        )
    assert run.exception is None, run.exception
    return {result.node.name: result for result in run.result.results}


def test_every_worked_example_gives_what_it_says(outcomes: dict[str, Any]) -> None:
    failing = {
        name: result.message for name, result in outcomes.items() if str(result.status) != "pass"
    }
    assert not failing, "\n\n".join(f"{name}: {message}" for name, message in failing.items())


def test_no_worked_example_was_left_out(outcomes: dict[str, Any], manifest: Any) -> None:
    assert set(outcomes) == {test.name for test in manifest.unit_tests.values()}
    assert len(outcomes) >= 14
