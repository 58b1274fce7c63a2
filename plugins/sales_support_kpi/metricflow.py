"""MetricFlow on the published night: dbt's semantic layer, read-only, without asking other hosts.

dbt_project (target `published`) → parsed once per version, in the user's cache → `mf`

MetricFlow looks for what dbt parsed at one fixed place within the project. The cache therefore
holds a project of links to the real one, with a `target/` of its own: nobody has to be able to
write where the product is installed, and no two users write to one place.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from sales_support_kpi.errors import BuildFailed, InputError
from sales_support_kpi.settings import cache_dir, repo_root

_PARTS = ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests")
_PARSED = Path("target") / "semantic_manifest.json"  # where `mf` looks for it


class _NoUpdates:
    """Stands where MetricFlow asks pypi.org for its newest version, at every command."""

    def check(self, package_name: str, package_version: str) -> None:
        """There never is an update: versions are those of the lock."""


def run_metricflow(arguments: Sequence[str], file: Path) -> int:
    """Run `mf` with these arguments on a published file with persons; returns its exit code.

    Raises:
        InputError: the file cannot be read by this user.
        BuildFailed: dbt cannot parse the project.
    """
    if not os.access(file, os.R_OK):
        raise InputError(
            f"{file} cannot be read: metrics are computed from the rows of persons, so its owner "
            "has to grant it (docs/access.md); values of company and teams are in kpi.duckdb"
        )
    with _settings(file):
        project = _project()
        os.environ.update(DBT_PROJECT_DIR=str(project), DBT_PROFILES_DIR=str(project))
        os.environ.update(DBT_LOG_PATH=str(project / "logs"))
        return _mf(arguments)


def _mf(arguments: Sequence[str]) -> int:
    from dbt_metricflow.cli import main

    main.UpdateChecker = _NoUpdates  # type: ignore[attr-defined]  # there is no setting for it
    try:
        main.cli.main(list(arguments), prog_name="kpi mf", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _project() -> Path:
    """The project as MetricFlow wants it; made where this version's is not there yet."""
    wanted = cache_dir() / f"metrics-{_hash()}"
    if (wanted / _PARSED).is_file():
        return wanted
    cache_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=cache_dir()))
    try:
        for part in _PARTS:
            (aside / part).symlink_to(repo_root() / "dbt_project" / part)
        _parse(aside)
        for old in cache_dir().glob("metrics-*"):
            shutil.rmtree(old, ignore_errors=True)
        aside.rename(wanted)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return wanted


def _parse(project: Path) -> None:
    from dbt.cli.main import dbtRunner

    place = ["--project-dir", str(project), "--profiles-dir", str(project)]
    logs = ["--log-path", str(project / "logs")]
    quiet = ["--quiet", "--log-level", "none", "--no-use-colors"]
    parsed = dbtRunner().invoke([*quiet, "parse", *place, *logs])
    if not parsed.success:
        raise BuildFailed(f"dbt cannot parse the project: {parsed.exception}")


def _hash() -> str:
    """Of all that the parsed project is a function of."""
    root = repo_root() / "dbt_project"
    sha = hashlib.sha256(f"{version('dbt-core')} {version('metricflow')} {root}".encode())
    for path in sorted(
        path for part in _PARTS for path in (root / part, *(root / part).rglob("*"))
    ):
        if path.is_file():
            sha.update(str(path.relative_to(root)).encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()[:16]


@contextmanager
def _settings(file: Path) -> Iterator[None]:
    """What dbt and MetricFlow read from the environment, for the time of one command."""
    before = dict(os.environ)
    os.environ.update(
        DBT_TARGET="published",
        DBT_SEND_ANONYMOUS_USAGE_STATS="0",
        KPI_PUBLISHED_FILE=str(file),
    )
    os.environ.pop("DBT_TARGET_PATH", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
