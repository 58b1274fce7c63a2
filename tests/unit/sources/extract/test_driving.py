"""Which resource a row is said to come from."""

import pytest

from sales_support_kpi.sources.extract.driving import driving

RESOURCES = ("contacts", "accounts", "leads")
VIEWS = {
    "people": "select c.id from contacts as c left join accounts as a on c.account = a.id",
    "everybody": "select * from people union all select id from leads",
}


@pytest.mark.parametrize(
    ("select", "names"),
    [
        ("select a.id from accounts as a left join contacts as c using (id)", ("accounts",)),
        ("select id from (select * from leads where id in (select id from contacts))", ("leads",)),
        ("with a as (select * from accounts), c as (from contacts) from c join a using (id)",
         ("contacts",)),
        ("with accounts as (select * from accounts) select * from accounts", ("accounts",)),
        ("select * from people", ("contacts",)),
        ("select * from everybody", ("contacts", "leads")),
        ("select * from contacts union select * from contacts", ("contacts",)),
        ("select 1", ()),
        ("select * from (", ()),
    ],
)  # fmt: skip
def test_a_row_comes_from_what_its_select_begins_from(select: str, names: tuple[str, ...]) -> None:
    assert driving(select, VIEWS, RESOURCES) == names
