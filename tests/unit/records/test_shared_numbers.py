"""Numbers that records share: counted along the time, since some are shared by thousands."""

import random

import duckdb
import pytest
from rule_sql import model

# what the rule says, record by record: the square of those that share a number
_PAIRWISE = """
select distinct one.customer_id, one.valid_from, instants.at
from int_customer_versions as one
inner join int_customer_versions as other
    on one.source = other.source and one.business_number = other.business_number
    and one.customer_id <> other.customer_id
inner join instants
    on instants.at >= one.valid_from and instants.at >= other.valid_from
    and (instants.at < one.exists_until or one.exists_until is null)
    and (instants.at < other.exists_until or other.exists_until is null)
"""
_OTHERS = """
select distinct one.customer_id, other.customer_id
from int_customer_versions as one
inner join int_customer_versions as other
    on one.source = other.source and one.business_number = other.business_number
    and one.customer_id <> other.customer_id
where (one.exists_until is null or one.exists_until >= date '2026-02-09')
    and (other.exists_until is null or other.exists_until >= date '2026-02-09')
"""


@pytest.fixture
def build() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        """
        create table night as select timestamptz '2026-02-09' as as_of;
        create table int_customer_versions (
            source text, customer_id text, business_number text, valid_from timestamptz,
            exists_until timestamptz
        );
        create table instants as
        select timestamptz '2026-01-01' + to_hours(12 * n::int) as at from range(80) as r (n)
        """
    )
    return connection


def shared(build: duckdb.DuckDBPyConnection) -> None:
    sql = model("measures/int_customer_shared_numbers.sql")
    build.execute(f"create or replace table shared as {sql}")


@pytest.mark.parametrize("seed", range(8))
def test_it_says_what_comparing_every_two_records_says(
    build: duckdb.DuckDBPyConnection, seed: int
) -> None:
    """Versions of ten customers end, change their number and come back, often at one instant."""
    chance = random.Random(seed)  # noqa: S311 - the same samples each time
    for customer in range(10):
        days = sorted(chance.sample(range(1, 39), chance.randint(2, 6)))
        for start, end in zip(days, [*days[1:], None], strict=True):
            until = None if end is None or chance.random() < 0.1 else end
            if chance.random() < 0.8:
                build.execute(
                    "insert into int_customer_versions select 'crm', ?, ?, "
                    "timestamptz '2026-01-01' + to_days(?), "
                    "timestamptz '2026-01-01' + to_days(?)",
                    [f"c{customer}", f"n{chance.randint(1, 3)}", start, until],
                )
            if until is None:
                break

    shared(build)

    covered = (
        "select distinct customer_id, valid_from, instants.at from shared inner join instants "
        "on instants.at >= from_at and (instants.at < until_at or until_at is null)"
    )
    assert build.execute(f"{covered} order by all").fetchall() == (
        build.execute(f"{_PAIRWISE} order by all").fetchall()
    )
    others = "select distinct customer_id, other_customer_id from shared where until_at is null"
    assert build.execute(f"{others} order by all").fetchall() == (
        build.execute(f"{_OTHERS} order by all").fetchall()
    )


def test_a_placeholder_that_thousands_have_costs_a_few_rows_each(
    build: duckdb.DuckDBPyConnection,
) -> None:
    """000-00-00000 has a right check digit; in pairs these would be 400 million rows."""
    build.execute(
        "insert into int_customer_versions select 'crm', 'c' || n, '0000000000', "
        "timestamptz '2026-01-01' + to_minutes(n::int), null from range(20_000) as r (n)"
    )

    shared(build)

    counted = build.execute(
        "select count(distinct customer_id), count(*), max(from_at) from shared"
    ).fetchall()
    (customers, rows, _), *_ = counted
    assert customers == 20_000
    assert rows <= 6 * 20_000


def test_a_number_of_many_names_no_conflict_between_systems(
    build: duckdb.DuckDBPyConnection,
) -> None:
    build.execute(
        "create table int_current_customers as select ['crm', 'erp'][1 + n % 2] as source, "
        "'c' || n as customer_id, 'kim@firm' || n || '.kr' as email, null as country, "
        "if(n < 2, '120-81-45673', '000-00-00000') as business_registration_no, "
        "timestamptz '2026-01-01' as valid_from from range(20_000) as r (n)"
    )

    found = build.execute(model("measures/int_customer_email_conflicts.sql")).fetchall()

    assert sorted(row[1] for row in found) == ["c0", "c1"]
