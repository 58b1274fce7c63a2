from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from sales_support_kpi.sandbox import ENTITIES, Truth, generate


@dataclass(frozen=True)
class Demo:
    """The demo company of size S as one drop of csv files, to be asked in SQL."""

    folder: Path
    truth: Truth
    database: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple]:
        return self.database.execute(sql).fetchall()

    def one(self, sql: str):
        return self.rows(sql)[0][0]


def opened(folder: Path, truth: Truth) -> Demo:
    database = duckdb.connect()
    database.execute("set timezone = 'Asia/Seoul'")
    for entity in ENTITIES:
        file = folder / f"{entity}.csv"
        database.execute(f"create view {entity} as select * from read_csv('{file}', header = true)")
    return Demo(folder, truth, database)


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    return opened(folder, generate(folder, layout="drop", format="csv"))
