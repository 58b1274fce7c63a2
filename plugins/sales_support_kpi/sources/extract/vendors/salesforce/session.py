"""Signing in: OAuth client credentials, or a refresh token where the connection has one.

connection → POST …/services/oauth2/token → access token and the org's own address.
"""

from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from sales_support_kpi.sources.extract.credentials import Credentials, remember
from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.waits import Waits

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
_OWN_DOMAINS = (".salesforce.com", ".force.com", ".salesforce.mil", ".sfcrmproducts.cn")


class Session(AuthBase):
    """Puts the access token on requests; renewed by the core when it is refused."""

    def __init__(self, credentials: Credentials, hosts: tuple[str, ...], waits: Waits) -> None:
        credentials.need("login", "password")
        self.credentials, self.hosts = credentials, hosts
        self._login = Http(credentials.base_url, waits=waits)
        self._token = ""
        self._instance = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign one request."""
        if not self._token:
            self.renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    @property
    def instance_url(self) -> str:
        """The org's address, as the sign-in told it."""
        if not self._instance:
            self.renew()
        return self._instance

    def renew(self) -> None:
        """Sign in anew.

        Raises:
            SourceError: it is refused.
        """
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.credentials.login,
            "client_secret": self.credentials.password,
        }
        refresh = self.credentials.extra.get("refresh_token")
        if refresh:
            asked |= {"grant_type": "refresh_token", "refresh_token": str(refresh)}
        response = self._login.post(TOKEN_PATH, data=asked, allow=(400, 401, 403))
        told = response.json()
        if not response.ok:
            why = told.get("error_description") or told.get("error") or response.status_code
            raise SourceError(
                f"{self.credentials}: Salesforce refuses to sign in ({why}): check the connected "
                "app's consumer key and secret, its flow and the user it runs as"
                + (", and sign in again for a new refresh token" if refresh else ""),
                is_final=True,
            )
        remember(told["access_token"])
        self._token = told["access_token"]
        self._instance = self._checked(str(told["instance_url"]).rstrip("/"))

    def close(self) -> None:
        """Let go of connections."""
        self._login.close()

    def _checked(self, url: str) -> str:
        """An address that may be given the token: Salesforce's own, or the connection's."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        known = {self.credentials.base_url, *(one.rstrip("/") for one in self.hosts)}
        if url in known or (parts.scheme == "https" and f".{host}".endswith(_OWN_DOMAINS)):
            return url
        raise SourceError(
            f"{self.credentials}: the sign-in leads to {host}, which is not Salesforce's: add it "
            "to hosts: in the source's options if it is right",
            is_final=True,
        )
