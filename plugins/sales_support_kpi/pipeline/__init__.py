"""A night: ingest (per source) → build → audit → publish (→ serve, on a database server).

The CLI, the tests and the DAGs call the same plain functions; `run_night` is all of them in one
process.
"""

from sales_support_kpi.pipeline.progress import Progress
from sales_support_kpi.pipeline.run import RunResult, rebuild, run_night
from sales_support_kpi.pipeline.steps import (
    audit,
    build,
    ingest,
    ingest_drop,
    is_published,
    parse_since,
    publish,
    read_build,
    read_verdict,
    serve,
)

__all__ = [
    "Progress",
    "RunResult",
    "audit",
    "build",
    "ingest",
    "ingest_drop",
    "is_published",
    "parse_since",
    "publish",
    "read_build",
    "read_verdict",
    "rebuild",
    "run_night",
    "serve",
]
