"""A company that differs is made small: what the difference does not need is left out."""

from tests.oracle.companies import RandomCompany, random_company
from tests.oracle.shrinking import parts_of, size, smallest, without

SEED = 41_000_003


def has_the_fault(company: RandomCompany) -> bool:
    """As if one request under one KPI came out wrong."""
    ids = {row["request_id"] for drop in company.drops for row in drop.entities.get("requests", [])}
    return "r3" in ids and "inquiry_within_4h" in {entry["id"] for entry in company.kpis}


def test_what_the_difference_does_not_need_is_left_out() -> None:
    company = random_company(SEED)
    assert has_the_fault(company)
    small = smallest(company, has_the_fault)
    assert has_the_fault(small)
    assert [entry["id"] for entry in small.kpis] == ["inquiry_within_4h"]
    assert [list(drop.entities) for drop in small.drops] == [["requests"]]
    assert len(small.drops[0].entities["requests"]) < len(company.drops[0].entities["requests"]) / 2


def test_a_company_that_differs_only_as_a_whole_stays_whole() -> None:
    company = random_company(SEED)
    assert smallest(company, lambda one: size(one) == size(company), tries=5) == company


def test_every_part_can_be_left_out() -> None:
    company = random_company(SEED)
    assert without(company, parts_of(company)).drops == []
    assert without(company, []) == company
