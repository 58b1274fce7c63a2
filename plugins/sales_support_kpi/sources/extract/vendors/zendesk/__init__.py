"""Zendesk Support: tickets, their history, agents and colleagues, as requests.

connection → `connect(setting)` → tickets by the cursor-based export, the history of statuses by the
export of ticket events, names by lists → `mappings/*.sql`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests.auth import AuthBase

    from sales_support_kpi.sources.extract.resources import (
        Earlier,
        Finding,
        Page,
        Resource,
        Setting,
        Start,
    )

TOKEN_PATH = "/oauth/tokens"  # noqa: S105 - a path


def connect(setting: "Setting") -> "Zendesk":
    """Open an account.

    Raises:
        SourceError: the connection lacks what it needs.
    """
    return Zendesk(setting)


class Zendesk:
    """One account, open for one pull or one check."""

    def __init__(self, setting: "Setting") -> None:
        from sales_support_kpi.sources.extract.http import Http
        from sales_support_kpi.sources.extract.vendors.zendesk import declaration
        from sales_support_kpi.sources.extract.vendors.zendesk.reader import Reader, classify

        self.setting, self.options = setting, setting.options
        self.resources = declaration.resources_of(self.options)
        self.selects = declaration.selects_of(self.options)
        self.views = declaration.views()
        self.tables = declaration.tables_of(self.options)
        credentials = setting.credentials
        self.http = Http(
            credentials.base_url,
            auth=_auth(setting),
            hosts=self.options.hosts,
            classify=classify,
        )
        self.reader = Reader(self.http, self.options, setting.now)

    def read(self, resource: "Resource", start: "Start", earlier: "Earlier") -> "Iterator[Page]":
        """The pages of one resource."""
        return self.reader.read(resource, start, earlier)

    def check(self) -> "Iterator[Finding]":
        """Try the key, the exports, and every name the options use."""
        from sales_support_kpi.sources.extract.vendors.zendesk.checking import findings

        since = int(self.setting.now.timestamp()) - 3600
        yield from findings(self.http, self.reader, self.options, since)

    def close(self) -> None:
        """Let go of connections."""
        self.http.close()


def _auth(setting: "Setting") -> "AuthBase":
    """E-mail address and API token; an OAuth client's id and secret; or a token by itself.

    Raises:
        SourceError: the connection holds none of them.
    """
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

    from sales_support_kpi.sources.extract.auth import basic, client_credentials

    credentials = setting.credentials
    credentials.need("password")
    if not credentials.login:
        return BearerTokenAuth(token=credentials.password)
    if "@" not in credentials.login:
        url = credentials.base_url + TOKEN_PATH
        return client_credentials(url, credentials, {"scope": "read"})
    login = credentials.login.removesuffix("/token")
    return basic(f"{login}/token", credentials.password)
