"""What a server can do to a Bulk API 2.0 job."""

import pytest
from salesforce_help import Shop, at

from sales_support_kpi.sandbox.servers.faults import answer, cut

READ = {"read": ["activities"], "activities": {"tasks": False}, "bulk_above": 0}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sales_support_kpi.sources.extract.vendors.salesforce.bulk._FIRST_WAIT", 0.001
    )


def add_events(shop: Shop, number: int) -> list[str]:
    return [
        shop.org.put("Event", Subject=f'"{one}",\n줄', StartDateTime=at(0), CreatedDate=at(one))
        for one in range(number)
    ]


@pytest.mark.parametrize("end", ["null", "absent"])
@pytest.mark.parametrize("header", ["each", "first"])
def test_all_sets_of_results_are_read(shop: Shop, end: str, header: str):
    wanted = add_events(shop, 25)
    shop.behaviour.bulk_page, shop.behaviour.bulk_end = 10, end
    shop.behaviour.bulk_header = header
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)
    assert len(shop.server.seen("/results")) == 3


def test_a_job_without_rows_is_no_fault(shop: Shop):
    add_events(shop, 1)
    shop.script.add(
        answer(200, {"totalSize": 9, "done": True, "records": []}),
        path="/queryAll",
        when=lambda seen: "count()" in seen.query.get("q", "") and "Event" in seen.query["q"],
    )
    shop.org.objects["Event"].records.clear()
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == []
    assert len(shop.server.seen("/results")) == 1


def test_bulk_and_rest_tell_the_same(shop: Shop, tmp_path, monkeypatch):
    from salesforce_help import open_shop

    add_events(shop, 5)
    owner = shop.org.put("User", Name="Kim", IsActive=True, LastModifiedDate=at(0))
    shop.org.put("Event", StartDateTime=at(7), CreatedDate=at(8), OwnerId=owner)
    shop.good(**READ)
    columns = "activity_id, owner_id, type, occurred_at, recorded_at"
    by_bulk = shop.landed("activities", columns)
    with open_shop(tmp_path / "other", monkeypatch) as other:
        other.org.objects = shop.org.objects
        other.good(**{**READ, "bulk_above": 100})
        assert not other.server.seen("/jobs/")
        assert other.landed("activities", columns) == by_bulk


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_job_that_fails_fails_the_pull_with_its_reason(shop: Shop, state: str):
    add_events(shop, 2)
    told = {"id": "x", "state": state, "object": "Event", "errorMessage": "InternalServerError"}
    shop.script.add(answer(200, told), path="/jobs/query/750")
    outcome = shop.pull(**READ)
    assert outcome.status == "failed"
    assert f"{state}: InternalServerError" in outcome.message


def test_a_job_that_takes_too_long_is_narrowed(shop: Shop):
    wanted = add_events(shop, 20)
    slow = {"id": "x", "state": "Failed", "errorMessage": "QUERY_TIMEOUT: too long"}
    shop.script.add(answer(200, slow), path="/jobs/query/750", times=2)
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


@pytest.mark.parametrize("code", ["INVALIDENTITY", "FEATURENOTENABLED"])
def test_an_object_or_field_that_bulk_does_not_take_is_read_by_rest(shop: Shop, code: str):
    wanted = add_events(shop, 3)
    told = [{"errorCode": code, "message": "Entity 'Event' is not supported"}]
    shop.script.add(answer(400, told), path="/jobs/query", method="POST")
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_set_that_comes_short_is_fetched_again(shop: Shop):
    wanted = add_events(shop, 25)
    shop.behaviour.bulk_page, shop.behaviour.short_bulk = 10, 3
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_set_that_is_cut_is_fetched_again(shop: Shop):
    wanted = add_events(shop, 25)
    shop.behaviour.bulk_page = 10
    shop.script.add(cut(200), path="/results", skip=1)
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_results_that_are_gone_fail_the_pull_and_the_next_one_asks_anew(shop: Shop):
    wanted = add_events(shop, 25)
    shop.behaviour.bulk_page = 10
    told = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    shop.script.add(answer(404, told), path="/results", skip=1)
    outcome = shop.pull(**READ)
    assert (outcome.status, shop.landed("activities")) == ("failed", [])
    assert "NOT_FOUND" in outcome.message
    shop.good()
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_the_job_is_removed_when_its_results_have_been_read(shop: Shop):
    add_events(shop, 1)
    shop.good(**READ)
    assert len(shop.server.seen("/jobs/query/750", "DELETE")) == 1
