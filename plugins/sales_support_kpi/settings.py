"""Where things are: the only reader of the process environment."""

import os
from dataclasses import dataclass
from pathlib import Path


def repo_root() -> Path:
    """Root of the checkout (holds `dbt_project/`, `expectations/` and the shipped `config/`)."""
    return Path(os.environ.get("KPI_PROJECT") or Path(__file__).resolve().parents[2])


def shipped_config_dir() -> Path:
    """Folder whose files stand in for those a company's config folder does not hold."""
    return repo_root() / "config"


def default_home() -> Path:
    """`KPI_HOME`, else `./var`."""
    return Path(os.environ.get("KPI_HOME", "var"))


def default_config_dir() -> Path:
    """`KPI_CONFIG`, else `./config`."""
    return Path(os.environ.get("KPI_CONFIG", "config"))


def cache_dir() -> Path:
    """Where a user's own copies lie that can be made anew at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sales-support-kpi"


@dataclass(frozen=True, slots=True)
class Home:
    """All state of one company on one machine; readable by the pipeline's user alone."""

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())

    @property
    def landing(self) -> Path:
        """Append-only loads: the only state."""
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        """Rows that could not be landed, with their reasons."""
        return self.root / "quarantine"

    @property
    def warehouse(self) -> Path:
        """The private build file; may be deleted at any time."""
        return self.root / "warehouse"

    @property
    def build_file(self) -> Path:
        """DuckDB file that dbt builds into."""
        return self.warehouse / "build.duckdb"

    @property
    def published(self) -> Path:
        """What everybody reads."""
        return self.root / "published"

    @property
    def reports(self) -> Path:
        """Scorecards and reports written to files."""
        return self.root / "reports"

    @property
    def data_docs(self) -> Path:
        """Great Expectations' pages."""
        return self.root / "data_docs"

    @property
    def dbt_docs(self) -> Path:
        """Documentation of the warehouse, by dbt."""
        return self.root / "dbt_docs"

    @property
    def lock_file(self) -> Path:
        """Held by the one writer."""
        return self.root / ".lock"
