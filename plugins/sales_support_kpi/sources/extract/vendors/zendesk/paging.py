"""How Zendesk's pages follow each other; always on the system's own address.

The links an answer gives are not followed: those of a renamed account lead to its old host. What
follows is asked for by the cursor or time itself, and the vendor's own end flag ends it.
"""

from typing import Any, cast

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from sales_support_kpi.sources.extract.errors import SourceError


class ExportPaginator(BasePaginator):
    """An incremental export: `parameter` of the next request is `field` of this answer."""

    def __init__(self, parameter: str, field: str) -> None:
        super().__init__()
        self.parameter, self.field = parameter, field
        self._next: object = None

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Read the end flag and where the next page begins."""
        told = response.json()
        self._next = told.get(self.field)
        is_end = told.get("end_of_stream", told.get("next_page") is None)
        self._has_next_page = not is_end
        if self._has_next_page and self._next is None:
            raise SourceError(f"Zendesk says that there is more, but not where: no {self.field}")

    def update_request(self, request: Request) -> None:
        """Ask for the next page; the time of the first call is not repeated."""
        if not self._has_next_page:
            return
        params: dict[str, Any] = dict(cast("dict[str, Any]", request.params))
        params.pop("start_time", None)
        request.params = {**params, self.parameter: self._next}


class ListPaginator(BasePaginator):
    """A list: `page[after]`, until `meta.has_more` is false.

    Some lists have no `meta` at all, which dlt's paginator of cursors takes for a fault.
    """

    def __init__(self) -> None:
        super().__init__()
        self._after: object = None

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Read whether there is more; a list without `meta` comes as one page."""
        meta = response.json().get("meta") or {}
        self._after = meta.get("after_cursor")
        self._has_next_page = bool(meta.get("has_more")) and self._after is not None

    def update_request(self, request: Request) -> None:
        """Ask for the next page."""
        if self._has_next_page:
            params = cast("dict[str, Any]", request.params)
            request.params = {**params, "page[after]": self._after}
