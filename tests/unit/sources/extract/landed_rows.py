"""Look at what has been landed."""

from typing import Any

import duckdb

from sales_support_kpi.landing import accepted_loads
from sales_support_kpi.settings import Home


def landed_rows(home: Home, entity: str, columns: str) -> list[tuple[Any, ...]]:
    files = [str(f) for load in accepted_loads(home) if load.entity == entity for f in load.files]
    if not files:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {columns} from read_parquet(?, union_by_name = true, "
            "hive_partitioning = false) order by _load_seq, _row",
            [files],
        ).fetchall()
