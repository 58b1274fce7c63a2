"""How the rules and the search for duplicates do on public data whose errors are known.

dirty.csv, clean.csv, febrl → the columns of `customers` → the product's own SQL → precision, recall
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rule_sql import macros, model

from sales_support_kpi.settings import repo_root

DATA = repo_root().parent / "shared" / "data"

SIMILAR_RECORDS = "measures/int_customer_similar_records.sql"
LIKELY = 0.9
LIMITS = f"select {LIKELY} as duplicate_probability, 50 as most_alike"


@dataclass(frozen=True, slots=True)
class Score:
    """What was found of what there is."""

    found: int
    right: int
    there: int

    @property
    def precision(self) -> float:
        """Share of the found that is true."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true that was found."""
        return self.right / self.there

    def __str__(self) -> str:
        precision = f"{self.precision:.3f}" if self.found else "–"
        return f"{self.found:,} | {self.right:,} | {self.there:,} | {precision} | {self.recall:.3f}"


def duplicates(records: str, truth: str) -> Score:
    """Pairs that the product suspects, against those of one true group.

    Args:
        records: a query of `customer_id, name, address, postal_code`.
        truth: a query of `customer_id, truth`, the group each record belongs to.
    """
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_current_customers as select 's' as source, "
            f"timestamptz '2026-01-01 00:00:00+00' as valid_from, * from ({records})"
        )
        connection.execute(f"create table record_limits as {LIMITS}")
        connection.execute(f"create table truth as {truth}")
        connection.execute(f"create table found as {model(SIMILAR_RECORDS)}")
        return Score(
            *_one(
                connection,
                "select count(*), count(*) filter (where a.truth = b.truth), "
                "(select sum(n * (n - 1) / 2)::bigint from "
                "(select count(*) as n from truth group by truth)) "
                "from found inner join truth as a using (customer_id) "
                "inner join truth as b on b.customer_id = found.other_customer_id "
                "where found.customer_id < found.other_customer_id",
            )
        )


def measured() -> dict[str, Score]:
    """Every measurement by the name it has in docs/records.md."""
    hospital, beers = DATA / "dirty_clean_hospital", DATA / "dirty_clean_beers"
    abroad, at_home = "'US'", "'KR'"
    phone = ("phone", ("('+1' || PhoneNumber)", abroad))
    name = ("name", ("HospitalName",))
    place = ("HospitalName", "Address1", "City", "State", "ZipCode", "PhoneNumber")
    found = {
        "hospital: name": rule_on(hospital, *name, "HospitalName"),
        "hospital: phone": rule_on(hospital, *phone, "PhoneNumber"),
        "hospital: postal code, foreign": rule_on(
            hospital, "postal_code", ("ZipCode", abroad), "ZipCode"
        ),
        "hospital: postal code, five digits": rule_on(
            hospital, "postal_code", ("ZipCode", at_home), "ZipCode"
        ),
        "hospital: rows": rows_on(
            hospital, (name, phone, ("postal_code", ("ZipCode", abroad))), place
        ),
        "beers: state as a required field": rule_on(
            beers, "postal_code", ("state", abroad), "state"
        ),
        "hospital: duplicates": duplicates(
            "select (row_number() over ())::varchar as customer_id, HospitalName as name, "
            "concat_ws(' ', Address1, City, State) as address, ZipCode as postal_code "
            f"from {_read(hospital / 'dirty.csv')}",
            "select (row_number() over ())::varchar as customer_id, ProviderNumber as truth "
            f"from {_read(hospital / 'clean.csv')}",
        ),
        "beers: duplicates": duplicates(
            "select (row_number() over ())::varchar as customer_id, brewery_name as name, "
            "concat_ws(' ', city, state) as address, '' as postal_code "
            f"from {_read(beers / 'dirty.csv')}",
            "select (row_number() over ())::varchar as customer_id, brewery_id as truth "
            f"from {_read(beers / 'clean.csv')}",
        ),
    }
    return found | {f"febrl: dataset{number}": febrl(number) for number in (1, 2, 3)}


def febrl(number: int) -> Score:
    """Febrl's data set of that number: persons with known duplicates."""
    return duplicates(*febrl_queries(number))


def febrl_queries(number: int) -> tuple[str, str]:
    """Its records and the person each belongs to, as `duplicates` wants them."""
    read = _read(DATA / "febrl_person_records" / f"dataset{number}.csv", "normalize_names = true")
    address = ", ".join(
        f"nullif(trim({name}), '')"
        for name in ("street_number", "address_1", "address_2", "suburb", "state")
    )
    records = (
        "select trim(rec_id) as customer_id, "
        "trim(concat_ws(' ', trim(given_name), trim(surname))) as name, "
        f"concat_ws(' ', {address}) as address, trim(postcode) as postal_code from {read}"
    )
    person = "regexp_extract(rec_id, '[0-9]+') as truth"
    return records, f"select trim(rec_id) as customer_id, {person} from {read}"


def rule_on(folder: Path, rule: str, expressions: Sequence[str], column: str) -> Score:
    """Cells of a column that a rule faults, against those that differ from the clean file."""
    expression = getattr(macros(), f"rule_{rule}")(*expressions)
    with duckdb.connect() as connection:
        _side_by_side(connection, folder)
        return Score(
            *_one(
                connection,
                f"select count(*) filter (where not {expression}), "
                f"count(*) filter (where not {expression} and is_wrong), "
                "count(*) filter (where is_wrong) from "
                f"(select dirty.*, {_differs(column)} as is_wrong "
                "from dirty inner join clean using (_at))",
            )
        )


def rows_on(
    folder: Path, rules: Sequence[tuple[str, Sequence[str]]], columns: Sequence[str]
) -> Score:
    """Rows that any rule faults, against those with an error in one of the columns."""
    failing = " or ".join(
        f"not {getattr(macros(), f'rule_{rule}')(*expressions)}" for rule, expressions in rules
    )
    wrong = " or ".join(_differs(column) for column in columns)
    with duckdb.connect() as connection:
        _side_by_side(connection, folder)
        return Score(
            *_one(
                connection,
                f"select count(*) filter (where {failing}), "
                f"count(*) filter (where ({failing}) and is_wrong), "
                "count(*) filter (where is_wrong) from "
                f"(select dirty.*, {wrong} as is_wrong from dirty inner join clean using (_at))",
            )
        )


def _side_by_side(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for side in ("dirty", "clean"):
        connection.execute(
            f"create table {side} as select row_number() over () as _at, * "
            f"from {_read(folder / f'{side}.csv')}"
        )


def _read(file: Path, options: str = "parallel = false") -> str:
    """A file in the order of its lines, all of it text."""
    return f"read_csv('{file}', all_varchar = true, header = true, {options})"


def _differs(column: str) -> str:
    return f"(coalesce(dirty.{column}, '') <> coalesce(clean.{column}, ''))"


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.execute(query).fetchone()
