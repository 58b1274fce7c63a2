"""How credentials are shown to a system: dlt's classes, whose tokens are kept out of messages."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from dlt.sources.helpers.rest_client.auth import (
    APIKeyAuth,
    BearerTokenAuth,
    HttpBasicAuth,
    OAuth2ClientCredentials,
)

from sales_support_kpi.sources.extract.answers import origin
from sales_support_kpi.sources.extract.credentials import Credentials, remember
from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.waits import Waits

if TYPE_CHECKING:
    from requests.auth import AuthBase

    from sales_support_kpi.sources.extract.rest_options import Auth


class ClientCredentials(OAuth2ClientCredentials):
    """OAuth 2.0 client credentials; a token is fetched when the last one is used up or refused."""

    def parse_access_token(self, response_json: Any) -> str:  # noqa: ANN401 - any JSON
        """The token of an answer.

        Raises:
            SourceError: the answer holds none.
        """
        token = response_json.get("access_token") if isinstance(response_json, dict) else None
        if not token:
            raise SourceError(
                f"{origin(self.access_token_url)}: the answer holds no access_token", is_final=True
            )
        remember(token)
        return str(token)


def basic(login: str, password: str) -> HttpBasicAuth:
    """Basic authentication, whose header is as secret as the password in it."""
    remember(b64encode(f"{login}:{password}".encode()).decode())
    return HttpBasicAuth(username=login, password=password)


def client_credentials(
    url: str, credentials: Credentials, data: dict[str, Any], waits: Waits | None = None
) -> ClientCredentials:
    """Fetch tokens at `url` for the connection's login and password."""
    credentials.need("login", "password")
    return ClientCredentials(
        access_token_url=url,
        client_id=credentials.login,
        client_secret=credentials.password,
        access_token_request_data=data,
        session=Http(url, waits=waits),
    )


def auth_of(declared: "Auth", credentials: Credentials) -> "AuthBase":
    """The declared way to show a connection's credentials.

    Raises:
        SourceError: the connection lacks what it needs.
    """
    if declared.type == "oauth2_client_credentials":
        data = {"scope": declared.scope} if declared.scope else {}
        return client_credentials(str(declared.access_token_url), credentials, data)
    if declared.type == "http_basic":
        credentials.need("login", "password")
        return basic(credentials.login, credentials.password)
    credentials.need("password")
    if declared.type == "bearer":
        return BearerTokenAuth(token=credentials.password)
    return APIKeyAuth(name=declared.name, api_key=credentials.password, location=declared.location)
