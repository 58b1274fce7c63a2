"""What `kind: rest` may be told: any JSON API by declaration, in the words of dlt's `rest_api`."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, model_validator

from sales_support_kpi.config.base import Flag, Model, Str
from sales_support_kpi.config.problems import wrong
from sales_support_kpi.sources.extract.declared_options import Declared
from sales_support_kpi.sources.extract.options import ExtractOptions

_PARENT = re.compile(r"\{resources\.(\w+)\.(\w+)\}")


class SinglePage(Model):
    """There is one page."""

    type: Literal["single_page"]


class JsonLink(Model):
    """The answer holds the next page's address."""

    type: Literal["json_link"]
    next_url_path: Str = "next"


class HeaderLink(Model):
    """The `Link` header holds the next page's address."""

    type: Literal["header_link"]
    links_next_key: Str = "next"


class Cursor(Model):
    """The answer holds a cursor, which is sent back as a parameter."""

    type: Literal["cursor"]
    cursor_path: Str = "cursors.next"
    cursor_param: Str | None = None
    cursor_body_path: Str | None = None
    stop_after_empty_page: Flag = False
    has_more_path: Str | None = None


class HeaderCursor(Model):
    """A header holds a cursor, which is sent back as a parameter."""

    type: Literal["header_cursor"]
    cursor_key: Str = "next"
    cursor_param: Str = "cursor"


class Offset(Model):
    """Pages begin at an offset."""

    type: Literal["offset"]
    limit: PositiveInt
    offset: int = 0
    offset_param: Str | None = None
    limit_param: Str | None = None
    offset_body_path: Str | None = None
    limit_body_path: Str | None = None
    total_path: Str | None = None
    maximum_offset: int | None = None
    stop_after_empty_page: Flag = True
    has_more_path: Str | None = None


class PageNumber(Model):
    """Pages have numbers."""

    type: Literal["page_number"]
    base_page: int = 0
    page: int | None = None
    page_param: Str | None = None
    page_body_path: Str | None = None
    total_path: Str | None = None
    maximum_page: int | None = None
    stop_after_empty_page: Flag = True
    has_more_path: Str | None = None


def _typed(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


Paginator = Annotated[
    SinglePage | JsonLink | HeaderLink | Cursor | HeaderCursor | Offset | PageNumber,
    BeforeValidator(_typed),
    Field(discriminator="type"),
]


class Auth(Model):
    """How the connection's login and password are shown to the API; never what they are.

    Attributes:
        type: `bearer` and `api_key` show the password, `http_basic` both, and
            `oauth2_client_credentials` fetches a token for the login (client id) and the password
            (client secret).
        name: of the header or parameter that carries an API key.
        location: where an API key goes.
        access_token_url: where the token is fetched.
        scope: what the token is asked for.
    """

    type: Literal["bearer", "api_key", "http_basic", "oauth2_client_credentials"]
    name: Str = "Authorization"
    location: Literal["header", "query"] = "header"
    access_token_url: Str | None = None
    scope: Str | None = None

    @model_validator(mode="after")
    def _token_has_a_place(self) -> "Auth":
        if self.type == "oauth2_client_credentials" and not self.access_token_url:
            raise wrong("access_token_url is missing: add the address that gives out tokens")
        return self


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong(f"{value!r} must be an address like https://api.example.com/v1")
    if parts.password or parts.username:
        raise wrong("the address holds a login: put it into the connection")
    return value


class RestResource(Declared):
    """One endpoint.

    `{since}` and `{until}` in `params`, `path` and `json` become the instants that a reading is
    about, written by `since_format` (`strftime`, or `epoch`); a parameter that asks for one that
    is not known is left out. `{resources.cases.id}` reads the endpoint once for every `id` that
    `cases` (listed before) has brought.
    """

    path: Str
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, Any] = Field(default_factory=dict)
    json_body: dict[str, Any] | None = Field(default=None, alias="json")
    data_selector: Str = "$"
    paginator: Annotated[Paginator | None, BeforeValidator(_typed)] = None
    since_format: Str = "%Y-%m-%dT%H:%M:%SZ"

    @property
    def named_columns(self) -> tuple[str, ...]:
        """The cursor is compared by the core, so it has to be kept."""
        return (*self.key, *filter(None, (self.cursor,)))

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        """Resources and columns that the endpoint is read for."""
        found = _PARENT.findall(f"{self.path} {self.params} {self.json_body}")
        return tuple(dict.fromkeys(found))

    @property
    def lookback(self) -> timedelta:
        """The usual look-back."""
        return timedelta(minutes=self.lookback_minutes)


class Options(ExtractOptions):
    """The whole API.

    Attributes:
        base_url: where paths begin; left out, the connection's host.
    """

    base_url: Annotated[Str, AfterValidator(_address)] | None = None
    auth: Auth | None = None
    headers: dict[str, Any] = Field(default_factory=dict)
    paginator: Paginator = SinglePage(type="single_page")
    resources: Annotated[tuple[RestResource, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _parents_come_first(self) -> "Options":
        seen: dict[str, RestResource] = {}
        for one in self.resources:
            if one.name in seen:
                raise wrong(f"resources: {one.name!r} is listed twice: keep one")
            for parent, column in one.parents:
                if parent not in seen or column not in seen[parent].columns:
                    raise wrong(
                        f"resources: {one.name} is read for {parent}.{column}: list {parent} "
                        f"before it, with {column} among its columns"
                    )
            if len(one.parents) > 1:
                raise wrong(f"resources: {one.name} is read for more than one column: keep one")
            seen[one.name] = one
        return self
