"""Systems that are shown a secret: each kind of source, each way of showing it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from desk_api import SOURCE, Desk

from sales_support_kpi.sandbox.servers import surveymonkey_objects as sm
from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.faults import Script
from sales_support_kpi.sandbox.servers.salesforce import salesforce_app
from sales_support_kpi.sandbox.servers.salesforce_org import Org
from sales_support_kpi.sandbox.servers.serving import serve
from sales_support_kpi.sandbox.servers.surveymonkey import (
    Quota,
    SurveyMonkeyStore,
    surveymonkey_app,
)
from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
from sales_support_kpi.sandbox.servers.zendesk_account import Account
from sales_support_kpi.sandbox.servers.zendesk_store import ZendeskStore

T0 = datetime(2026, 10, 1, tzinfo=UTC)
CLIENT = "reading-client"


@dataclass(frozen=True)
class System:
    """A running system with a record to land, how it is reached and how it is configured."""

    script: Script
    source: dict[str, Any]
    connection: dict[str, Any]


Opened = Callable[[str], AbstractContextManager[System]]


@contextmanager
def _desk(auth: dict[str, str], _: str) -> Iterator[System]:
    desk, source = Desk(is_open=True), deepcopy(SOURCE)
    desk.add(1, "2026-10-05T09:00:00Z")
    with desk.serve() as url:
        source["options"]["auth"] = dict(auth)
        if auth["type"].startswith("oauth2"):
            source["options"]["auth"]["access_token_url"] = f"{url}/oauth/token"
        yield System(desk.script, source, {"host": url, "login": CLIENT})


@contextmanager
def _zendesk(login: str, password: str) -> Iterator[System]:
    store, script = ZendeskStore(), Script()
    account = Account(api_token=password, clients={CLIENT: password})
    store.put_ticket(zd.ticket(1, T0, assignee_id=7))
    with serve(zendesk_app(store, account), script) as server:
        source = {"id": "helpdesk", "kind": "zendesk"}
        yield System(script, source, {"host": server.url, "login": login or account.email})


@contextmanager
def _salesforce(password: str) -> Iterator[System]:
    org, script = Org(), Script()
    org.put("User", Name="Kim", UserType="Standard", IsActive=True, CreatedDate=T0)
    with serve(salesforce_app(org, client=(CLIENT, password)), script) as server:
        source = {"id": "crm", "kind": "salesforce", "options": {"read": ["employees"]}}
        yield System(script, source, {"host": server.url, "login": CLIENT})


@contextmanager
def _surveymonkey(password: str) -> Iterator[System]:
    store, script = SurveyMonkeyStore(), Script()
    question = sm.rating("11", "How was it?", {"21": 1, "22": 2})
    store.surveys["100"] = sm.survey("100", "Survey", [sm.page("1", [question])], modified=T0)
    store.put_response(sm.response("1", "100", T0, {"11": sm.choice("22")}))
    with serve(surveymonkey_app(store, Quota(token=password)), script) as server:
        survey = {"id": 100, "survey": "onboarding", "score": "11"}
        source = {"id": "polls", "kind": "surveymonkey", "options": {"surveys": [survey]}}
        yield System(script, source, {"host": server.url})


SYSTEMS: dict[str, Opened] = {
    "bearer": partial(_desk, {"type": "bearer"}),
    "api_key": partial(_desk, {"type": "api_key", "name": "api_key", "location": "query"}),
    "http_basic": partial(_desk, {"type": "http_basic"}),
    "oauth2": partial(_desk, {"type": "oauth2_client_credentials"}),
    "zendesk token": partial(_zendesk, ""),
    "zendesk oauth": partial(_zendesk, CLIENT),
    "salesforce": _salesforce,
    "surveymonkey": _surveymonkey,
}
