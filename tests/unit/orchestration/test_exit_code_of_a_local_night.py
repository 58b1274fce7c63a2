"""`make run` ends with 4 when the night was published without a source."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from sales_support_kpi.orchestration import local
from sales_support_kpi.orchestration.local_night import Run


@contextmanager
def no_airflow(_settings):
    rest = SimpleNamespace(close=lambda: None)
    yield SimpleNamespace(
        start=lambda: None, stop=lambda: None, connect=lambda: rest, check_alive=lambda: None
    )


@pytest.mark.parametrize(
    ("failed", "shown", "code"),
    [([], 0, 0), ([Run("ingest_crm", "one")], 0, 4), ([Run("ingest_crm", "one")], 2, 2)],
)
def test_a_source_that_failed_is_named_and_makes_the_exit_code_4(
    failed, shown, code, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(local, "running_airflow", no_airflow)
    monkeypatch.setattr(local, "run_night", lambda *_: failed)
    monkeypatch.setattr(local, "explain_failure", lambda _, run: f"{run.dag_id}: down")
    monkeypatch.setattr(local, "_kpi", lambda *_: shown)
    options = local.parse(["run", "--home", str(tmp_path), "--config", str(tmp_path)])

    assert local.run(options) == code
    assert ("ingest_crm: down" in capsys.readouterr().err) == bool(failed)
