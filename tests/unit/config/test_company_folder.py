"""What `kpi init` leaves behind."""

import stat
from pathlib import Path

import pytest

from sales_support_kpi.config import enabled_kpis, load_config
from sales_support_kpi.config.init import init_company
from sales_support_kpi.errors import UsageError
from sales_support_kpi.settings import shipped_config_dir


def test_a_new_folder_means_what_is_shipped(tmp_path: Path) -> None:
    result = init_company(tmp_path / "our company")

    config = load_config(result.directory / "config")
    assert config.hash == load_config(shipped_config_dir()).hash
    assert len(enabled_kpis(config)) == 14
    assert result.kept == ()
    assert {"config/company.yml", "config/kpis.yml", "config/sources.yml"} <= set(result.written)


def test_the_examples_in_its_comments_are_valid(tmp_path: Path) -> None:
    folder = init_company(tmp_path).directory / "config"
    for name in ("company.yml", "sources.yml"):
        text = (folder / name).read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line != "[]"]
        first = next(
            place for place, line in enumerate(lines) if line.startswith(("# wor", "# - "))
        )
        shown = [line.removeprefix("# ") for line in lines[first:]]
        (folder / name).write_text("\n".join([*lines[:first], *shown]), encoding="utf-8")
    (folder / "mappings" / "requests.sql").write_text("select * from raw", encoding="utf-8")

    config = load_config(folder)

    assert config.company.reports[0].id == "weekly_sales_trend"
    assert config.company.aliases.columns == {"처리담당": "assignee_id"}
    assert config.sources[0].entities["requests"].text == "select * from raw"


def test_a_second_time_keeps_every_file(tmp_path: Path) -> None:
    first = init_company(tmp_path)
    (tmp_path / "config" / "company.yml").write_text("country: null\n", encoding="utf-8")

    second = init_company(tmp_path)

    assert second.written == ()
    assert second.kept == first.written
    assert load_config(tmp_path / "config").company.country is None


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    init_company(tmp_path)

    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert ".env" in (tmp_path / ".gitignore").read_text(encoding="utf-8").split()


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(UsageError, match="choose a folder"):
        init_company(tmp_path / "taken")
