"""`links:` of `company.yml`: where readers open what is published; the product serves nothing."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from sales_support_kpi.config.base import Model, Str
from sales_support_kpi.config.problems import wrong

_SCHEMES = ("https", "http", "file")


def _address(text: str) -> str:
    """An address without its last slash.

    Raises:
        PydanticCustomError: a browser could not open it, or it holds a password.
    """
    parts = urlsplit(text)
    has_place = bool(parts.netloc or (parts.scheme == "file" and parts.path.startswith("/")))
    if parts.scheme not in _SCHEMES or not has_place or any(c.isspace() for c in text):
        raise wrong("must be an address like https://files.example.com/kpi, or file:///srv/kpi")
    if "@" in parts.netloc:
        raise wrong("must hold no user and no password: everybody who sees the link would read it")
    return text.rstrip("/")


Address = Annotated[Str, AfterValidator(_address)]


class Links(Model):
    """Addresses as readers' browsers know them; what is left out has no link.

    Attributes:
        published: the home's folder `published`, which holds each night's scorecard.
        data_docs: the home's folder `data_docs`.
        dbt_docs: `index.html` of the home's folder `dbt_docs`, which leads to the last night's.
        dashboards: the dashboards, their first page.
    """

    published: Address | None = None
    data_docs: Address | None = None
    dbt_docs: Address | None = None
    dashboards: Address | None = None
