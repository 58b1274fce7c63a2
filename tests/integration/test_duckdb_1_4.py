"""Readers may still be on DuckDB 1.4: the published files open there.

The old version lives in `.venv-duckdb14/`, installed on first use from its lock, by hash.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "tests" / "requirements-duckdb14.lock"
TARGET = ROOT / ".venv-duckdb14"

sys.path.insert(0, str(ROOT / "tests" / "unit" / "publish"))

pytestmark = pytest.mark.integration

READ = """
import json, sys
import duckdb
found = {"version": duckdb.__version__}
for file in sys.argv[1:]:
    connection = duckdb.connect(file, read_only=True)
    tables = [name for (name,) in connection.execute("show tables").fetchall()]
    found[file.rsplit("/", 1)[1]] = {
        name: len(connection.execute(f'select * from "{name}"').fetchall()) for name in tables
    }
print(json.dumps(found))
"""


@pytest.fixture(scope="session")
def old_duckdb() -> Path:
    stamp = TARGET / "requirements.lock"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        shutil.rmtree(TARGET, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        options = ["--quiet", "--no-deps", "--require-hashes", "--target", str(TARGET)]
        subprocess.run(
            [*uv, "pip", "install", "--python", sys.executable, *options, "-r", str(LOCK)],
            check=True,
        )
        shutil.copy(LOCK, stamp)
    return TARGET


def test_duckdb_1_4_reads_every_table_of_both_files(old_duckdb: Path, tmp_path: Path) -> None:
    from handmade_build import make_build, make_config, make_home

    from sales_support_kpi.quality.results import Verdict
    from sales_support_kpi.warehouse.publish import publish
    from sales_support_kpi.warehouse.published import current_manifest, published_file

    home = make_home(tmp_path)
    publish(home, make_config(), make_build(home.warehouse), Verdict(()))
    files = [str(published_file(home)), str(published_file(home, people=True))]

    answer = subprocess.run(
        [sys.executable, "-c", READ, *files],
        env={"PYTHONPATH": str(old_duckdb), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    found = json.loads(answer.stdout)
    assert found.pop("version").startswith("1.4.")
    manifest = current_manifest(home)
    assert manifest is not None
    assert found == manifest.tables
    assert found["kpi_people.duckdb"]["measure_rows"] == 3
