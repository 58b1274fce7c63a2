"""The whole pipeline on two nights of the demo company's four systems finds what was planted."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from sales_support_kpi import pipeline
from sales_support_kpi.config.loading import load_config
from sales_support_kpi.night import night_ending
from sales_support_kpi.sandbox import Truth, generate
from sales_support_kpi.settings import Home

CONFIG = Path(__file__).parents[3] / "examples/demo_company/config"


@pytest.fixture
def config(tmp_path):
    """The demo's config, its sources moved to a temporary folder."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    as_files = CONFIG.with_name("sources-as-files.yml")
    sources = yaml.safe_load(as_files.read_text(encoding="utf-8"))
    for source in sources:
        source["path"] = source["path"].replace("../../../var/demo", str(tmp_path / "data"))
    (folder / "sources.yml").write_text(yaml.safe_dump(sources), encoding="utf-8")
    return load_config(folder)


def published(home: Home) -> dict[tuple[str, str, str], tuple[float, float | None]]:
    with duckdb.connect(str(home.published / "kpi_people.duckdb"), read_only=True) as database:
        rows = database.execute(
            "select kpi_id, period_start, scope_id, numerator, denominator from kpi_values"
            " where grain = 'month' and scope_type <> 'employee' and sample_size > 0"
        ).fetchall()
    return {
        (kpi, start.isoformat(), scope): (round(top, 6), bottom)
        for kpi, start, scope, top, bottom in rows
    }


def planted(truth: Truth) -> dict[tuple[str, str, str], tuple[float, float | None]]:
    return {
        (cell.kpi_id, cell.period_start, cell.scope_id): (
            round(cell.numerator, 6),
            cell.denominator,
        )
        for cell in truth.cells()
    }


@pytest.mark.integration
def test_two_nights_in_a_row_publish_what_was_planted(tmp_path, config):
    home = Home(tmp_path / "home")
    for last in (date(2026, 10, 30), date(2026, 10, 31)):
        truth = generate(tmp_path / "data", factor=0.1, until=last, layout="sources")
        night = night_ending(last, config.company.timezone)
        result = pipeline.run_night(home=home, config=config, night=night)

        assert result.exit_code == 0
        found = published(home)
        assert {key for key, value in planted(truth).items() if found.get(key) != value} == set()
        assert found.keys() == planted(truth).keys()
