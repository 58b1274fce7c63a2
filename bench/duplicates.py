"""The search for duplicates on Febrl's persons, whose duplicates are known, beside Splink's own.

dataset 1 → Splink learns the weights, without being told which records are duplicates
datasets 1 to 3 → our model with the weights it holds, Splink with those just learnt, frozen

Splink is no dependency: pip installs it into `.venv-splink/` when this is run.
`BENCH_CUSTOMERS_FILE` names a Parquet file of customers in which both search as well, without a
known truth.
"""

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from sales_support_kpi.settings import repo_root

sys.path.append(str(repo_root() / "tests" / "unit" / "records"))

from rule_sql import model
from truth import DATA, LIKELY, LIMITS, SIMILAR_RECORDS, Score, febrl_queries

PACKAGES = ("splink==5.0.0", "duckdb==2.0.0")
BESIDE = repo_root() / ".venv-splink"
_KEYS = {
    "n": "left(packed_name, 4) || '|' || left(known_code, 3)",
    "p": "left(sorted_name, 2) || '|' || known_code",
    "e": "right(packed_name, 4) || '|' || left(known_code, 2)",
    "a": "left(sorted_name, 1) || '|' || left(packed_address, 8)",
    "z": "right(packed_address, 10)",
}
CUSTOMERS = os.environ.get("BENCH_CUSTOMERS_FILE", "")
_ACTIVE = (
    "select customer_id, name, address, postal_code from read_parquet('{0}') "
    "where status = 'active' qualify updated_at = max(updated_at) over (partition by customer_id)"
)


def report() -> list[str]:
    """What both found, of it right, and what is there; the weights that were learnt."""
    if not DATA.is_dir():
        return [f"{DATA} is not there: nothing to measure on"]
    lines = [f"probability at least {LIKELY}: found | right | there | precision | recall"]
    with TemporaryDirectory(prefix="bench-duplicates-") as folder:
        place = Path(folder)
        for number in (1, 2, 3):
            records, truth = febrl_queries(number)
            connection = _prepared(records, place / f"{number}.parquet")
            connection.execute(f"create table truth as {truth}")
            if number == 1:
                lines.append(f"dataset1, Splink learns: {_splink(place, 'train', '1')}")
            lines.append(f"dataset{number}, ours:   {_ours(connection)}{_score(connection)}")
            said = _splink(place, "find", str(number))
            _read_pairs(connection, place / "pairs.parquet")
            lines.append(f"dataset{number}, Splink: {said}{_score(connection)}")
        if CUSTOMERS:
            connection = _prepared(_ACTIVE.format(CUSTOMERS), place / "customers.parquet")
            lines.append(f"{CUSTOMERS}, ours:   {_ours(connection)}")
            lines.append(f"{CUSTOMERS}, Splink: {_splink(place, 'find', 'customers')}")
        return [*lines, *_learnt(place / "model.json")]


def _prepared(records: str, file: Path) -> duckdb.DuckDBPyConnection:
    """The records as our search compares them, with the keys it would use, for Splink."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute(
        "create table int_current_customers as select 's' as source, "
        f"timestamptz '2026-01-01 00:00:00+00' as valid_from, * from ({records})"
    )
    connection.execute(f"create table record_limits as {LIMITS}")
    compared = model(SIMILAR_RECORDS).split("-- what two records of one customer")[0]
    keys = ", ".join(
        f"case when count(*) over (partition by name_number, {sql}) <= 50 "
        f"then name_number || '|' || {sql} end as key_{name}"
        for name, sql in _KEYS.items()
    )
    connection.execute(
        f"copy ({compared.rstrip().rstrip(',')} select customer_id as unique_id, name, "
        "sorted_name, address, known_code as postal_code, "
        "list_distinct(string_split(trim(address || ' ' || postal_code), ' ')) as words, "
        f"{keys} from compared) to '{file}' (format parquet)"
    )
    return connection


def _ours(connection: duckdb.DuckDBPyConnection) -> str:
    began = time.perf_counter()
    connection.execute(f"create or replace table found as {model(SIMILAR_RECORDS)}")
    counted = connection.execute("select count(*) // 2 from found").fetchall()[0][0]
    return f"{time.perf_counter() - began:6.1f} s, {counted:,} pairs"


def _read_pairs(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    connection.execute(
        "create or replace table found as select unique_id_l as customer_id, "
        f"unique_id_r as other_customer_id from read_parquet('{file}') "
        f"where match_probability >= {LIKELY}"
    )


def _score(connection: duckdb.DuckDBPyConnection) -> str:
    found, right, there = connection.execute(
        "select count(*), count(*) filter (where one.truth = other.truth), "
        "(select sum(n * (n - 1) // 2) from (select count(*) as n from truth group by truth)) "
        "from (select distinct least(customer_id, other_customer_id) as a, "
        "greatest(customer_id, other_customer_id) as b from found) "
        "inner join truth as one on one.customer_id = a "
        "inner join truth as other on other.customer_id = b"
    ).fetchall()[0]
    return f" | {Score(int(found), int(right), int(there))}"


def _splink(place: Path, step: str, name: str) -> str:
    """Splink in a process of its own: seconds and peak memory, start included."""
    if not (BESIDE / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", BESIDE], check=True)  # noqa: S603
        pip = [str(BESIDE / "bin" / "pip"), "install", "--quiet", *PACKAGES]
        subprocess.run(pip, check=True)  # noqa: S603
    script = Path(__file__).with_name("duplicates_splink.py")
    began = time.perf_counter()
    printed = subprocess.run(  # noqa: S603
        [
            *(str(BESIDE / "bin" / "python"), str(script), step),
            *(str(place / f"{name}.parquet"), str(place / "model.json")),
            str(place / "pairs.parquet"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return f"{time.perf_counter() - began:6.1f} s, {printed.splitlines()[-1]}"


def _learnt(file: Path) -> list[str]:
    """The weights to write into `macros/record_matching.sql`."""
    learnt = json.loads(file.read_text(encoding="utf-8"))
    prior = learnt["probability_two_random_records_match"]
    lines = [f"learnt: prior {math.log2(prior / (1 - prior)):.2f}"]
    for comparison in learnt["comparisons"]:
        weights = [
            math.log2(level["m_probability"] / level["u_probability"])
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        ]
        said = ", ".join(f"{weight:.2f}" for weight in weights)
        lines.append(f"learnt: {comparison['output_column_name']} {said}")
    return lines
