"""`kpi check` proves the options against the live account and names what does not exist."""

from importlib.resources import files
from typing import Any

import pytest
import yaml
from zendesk_help import T0, HelpDesk

from sales_support_kpi.errors import ConfigError
from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.faults import answer
from sales_support_kpi.sources.extract.vendors import zendesk
from sales_support_kpi.sources.extract.vendors.zendesk.declaration import LOOKBACK
from sales_support_kpi.sources.extract.vendors.zendesk.options import Options


@pytest.fixture
def stocked(desk: HelpDesk) -> HelpDesk:
    store = desk.store
    store.ticket_forms += [zd.ticket_form(47, "제안서 요청")]
    store.groups.append({"id": 5, "name": "Materials desk"})
    store.brands.append({"id": 6, "name": "Shop"})
    store.ticket_fields += [
        zd.ticket_field(501, "text", "CRM id"),
        zd.ticket_field(502, "date", "Handed over"),
        zd.ticket_field(503, "tagger", "Reason", custom_field_options=[{"value": "complaint"}]),
    ]
    store.custom_statuses.append(zd.custom_status(91, "hold", "With the factory"))
    store.organization_fields.append({"id": 1, "key": "brn", "title": "Registration number"})
    store.put_organization(zd.organization(90, "Example", T0))
    desk.add(1, tags=["asks"])
    return desk


def problems(desk: HelpDesk, **options: Any) -> list[str]:
    return [line.message for line in desk.check(**options) if not line.is_ok]


def test_what_is_right_is_said_to_be_right(stocked: HelpDesk) -> None:
    lines = stocked.check(
        kinds={
            "proposal": {"forms": ["제안서 요청"]},
            "material": {"groups": [5]},
            "inquiry": {"brands": ["shop"], "tags": ["Asks"], "types": ["question"]},
            "complaint": {"fields": {503: ["complaint"]}},
        },
        waiting=["pending", "with the factory"],
        customer={"ticket_field": 501, "organization": "external_id", "registration_no": "brn"},
    )
    assert [line.message for line in lines if not line.is_ok] == []
    said = "\n".join(line.message for line in lines)
    assert "signed in as Reader (admin)" in said
    assert "incremental/tickets/cursor: can be read" in said
    assert "customer.ticket_field: 501 is CRM id" in said


def test_every_name_that_does_not_exist_is_named_with_those_that_do(stocked: HelpDesk) -> None:
    found = problems(
        stocked,
        kinds={
            "proposal": {"forms": ["Proposal", 99]},
            "material": {"groups": ["Materials"]},
            "inquiry": {"brands": [7], "tags": ["aks"], "types": ["inquiry"]},
            "complaint": {"fields": {503: ["complaints"], 999: ["x"]}},
        },
        waiting=["pending", "Parked"],
        cancelled_tags=["closed_by_merge", "withdrawn"],
        received_at=998,
        customer={"ticket_field": 997, "registration_no": "business_no"},
    )
    for said in (
        "kinds.proposal.forms: Proposal does not exist. There are: 제안서 요청",
        "kinds.proposal.forms: 99 does not exist",
        "kinds.material.groups: Materials does not exist. There are: Materials desk",
        "kinds.inquiry.brands: 7 does not exist. There are: Shop",
        "kinds.complaint.fields.503: complaints is no value of it. There are: complaint",
        "kinds.complaint.fields: there is no ticket field 999",
        "waiting: the status Parked does not exist",
        "received_at: there is no ticket field 998",
        "customer.ticket_field: there is no ticket field 997",
        "customer.registration_no: the organisations' field business_no does not exist",
        "kinds.inquiry.tags: no ticket of the last 60 days has the tag aks",
        "cancelled_tags: no ticket of the last 60 days has the tag withdrawn",
        "kinds.inquiry.types: there is no inquiry. There are: problem, incident, question, task",
    ):
        assert any(said in one for one in found), (said, found)
    assert len(found) == 13


@pytest.mark.parametrize(
    "path", ["incremental/organizations", "deleted_tickets", "satisfaction_ratings"]
)
def test_every_endpoint_that_will_be_read_is_tried(stocked: HelpDesk, path: str) -> None:
    stocked.script.add(answer(403, {"error": "Forbidden"}), path=path, times=None)
    (found,) = problems(
        stocked, customer={"registration_no": "brn"}, ratings={"survey": "complaint_support"}
    )
    assert found.startswith(f"{path}: not allowed")


def test_a_select_that_cannot_run_is_named_with_what_there_is(stocked: HelpDesk) -> None:
    """Over empty resources, before anything is read."""
    own = stocked.folder / "mine.sql"
    own.write_text("select id as request_id, severity from tickets", encoding="utf-8")
    stocked.source |= {"entities": {"requests": "mine.sql"}}
    (found,) = problems(stocked)
    assert "mine.sql: the select cannot be run" in found
    assert "severity" in found
    assert "There are: " in found
    own.write_text(
        "select id as request_id, 'inquiry' as kind, status, created_at as opened_at from tickets"
    )
    assert problems(stocked) == []


def test_a_date_field_is_no_time(stocked: HelpDesk) -> None:
    (found,) = problems(stocked, received_at=502)
    assert "is a date and knows no time" in found


def test_a_reader_who_is_no_admin_is_told_what_to_grant(stocked: HelpDesk) -> None:
    stocked.account.is_admin = False
    found = problems(stocked)
    assert len(found) == 3
    assert all("give the reader the role admin" in one for one in found)


def test_a_wrong_key_is_told_in_one_sentence(stocked: HelpDesk) -> None:
    stocked.account.api_token = "rotated"  # noqa: S105 - invented
    (found,) = problems(stocked)
    assert "API token" in found
    assert "sandbox-token" not in found


def test_a_connection_that_is_not_there_is_named(
    stocked: HelpDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_HELPDESK")
    (found,) = problems(stocked)
    assert "AIRFLOW_CONN_HELPDESK" in found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"knids": {}}, "knids"),
        ({"kinds": {"proposals": {"tags": ["x"]}}}, "proposals"),
        ({"kinds": {"proposal": {}}}, "name at least one of forms, tags"),
        ({"kinds": {"proposal": {"forms": [""]}}}, "empty"),
        ({"waiting": ["pending"], "done": ["Pending", "solved"]}, "stands in two"),
        ({"received_at": "handed over"}, "received_at"),
        ({"ratings": {"survey": "csat"}}, "survey"),
    ],
)
def test_options_that_make_no_sense_are_refused_when_the_configuration_is_loaded(
    desk: HelpDesk, options: dict[str, Any], said: str
) -> None:
    desk.options = options
    with pytest.raises(ConfigError, match=said):
        _ = desk.config


def test_the_commented_defaults_are_the_defaults() -> None:
    text = files(zendesk).joinpath("defaults.yml").read_text(encoding="utf-8")
    written = yaml.safe_load(text)
    said = {name: value for name, value in written.items() if name != "lookback_minutes"}
    assert Options.model_validate(said) == Options()
    assert set(written) == set(Options.model_fields)
    assert written["lookback_minutes"] * 60 == LOOKBACK.total_seconds()
