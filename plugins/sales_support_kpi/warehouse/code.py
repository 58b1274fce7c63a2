"""Which code a night was made by: what measures the numbers, and what publishes them.

dbt project, Python sources, versions of libraries → `measuring_hash`, `publishing_hash`
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from sales_support_kpi import __version__
from sales_support_kpi.settings import repo_root

PACKAGE = Path(__file__).parents[1]

# Python that lays the calendar and the control tables, which the models read.
_MEASURING = ("calendar", "entities.py", "warehouse/control.py", "warehouse/control_tables.py")
# Python that decides what else is published, or whether a value is: projections, restatements,
# what is said and withheld.
_PUBLISHING = ("quality", "warehouse")
_LIBRARIES = ("duckdb", "numpy", "scipy", "statsmodels")  # their arithmetic stands in the numbers


@lru_cache(maxsize=1)
def project_hash() -> str:
    """Hash of the dbt project's models, macros and seeds."""
    root = repo_root() / "dbt_project"
    return _hash_of(
        root,
        (
            path
            for path in root.rglob("*")
            if path.suffix in (".sql", ".csv")
            and path.relative_to(root).parts[0] in ("models", "macros", "seeds")
        ),
    )


def measuring_hash() -> str:
    """Hash of the code by which values are measured: another one makes the build a full one."""
    return _digest(project_hash(), _python_hash(_MEASURING))


def publishing_hash() -> str:
    """Hash of all code a published number depends on: another one publishes the night again."""
    return _digest(
        measuring_hash(), _python_hash(_PUBLISHING), _expectations_hash(), *_library_versions()
    )


def code_version() -> str:
    """The product's version, and a mark of what measures as it is on this machine."""
    return f"{__version__}+{measuring_hash()[:8]}"


@lru_cache(maxsize=4)
def _python_hash(parts: tuple[str, ...]) -> str:
    files = [
        path
        for part in parts
        for path in ([PACKAGE / part] if part.endswith(".py") else (PACKAGE / part).rglob("*.py"))
    ]
    return _hash_of(PACKAGE, files)


@lru_cache(maxsize=1)
def _expectations_hash() -> str:
    root = repo_root() / "expectations"
    return _hash_of(root, root.rglob("*.py"))


@lru_cache(maxsize=1)
def _library_versions() -> tuple[str, ...]:
    return tuple(f"{name} {version(name)}" for name in _LIBRARIES)


def _hash_of(root: Path, files: Iterable[Path]) -> str:
    sha = hashlib.sha256()
    for path in sorted(files):
        sha.update(str(path.relative_to(root)).encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
