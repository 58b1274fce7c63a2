"""HTTP with edges: dlt's session and paginators, and what a foreign server must not do to us.

- Credentials are put on when a request leaves, and only for the system's own origins; another
  origin (a redirect, a next link) is refused by name.
- Throttling, server errors, cut and malformed bodies are tried again, as long as `Waits` says;
  a pause longer than that means the quota of the day is used up.
- A token that expires is renewed, also between two attempts of one request.
- A page that is asked for twice in one reading ends it: the cursor does not advance.
- No message holds a secret.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import tenacity
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests.session import Session
from dlt.sources.helpers.rest_client.client import PageData, RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import PreparedRequest, RequestException, Response
from requests.auth import AuthBase
from requests.exceptions import (
    InvalidSchema,
    InvalidURL,
    SSLError,
    TooManyRedirects,
)

from sales_support_kpi.sources.extract.answers import (
    Again,
    HttpError,
    excerpt,
    keep_logs_clean,
    named,
    origin,
    parsed,
    refuse_other_shapes,
    why,
)
from sales_support_kpi.sources.extract.errors import QuotaUsedUp, SourceError
from sales_support_kpi.sources.extract.waits import RETRIED, Verdict, Waits

Classify = Callable[[Response], Verdict | None]
TIMEOUT = (15.0, 120.0)
_MOST_HOPS = 5
_HOPELESS = (SSLError, InvalidURL, InvalidSchema, TooManyRedirects)


class _Nobody(AuthBase):
    """Shows no credentials: they are put on when a request leaves."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


class Http(Session):
    """A session with one system.

    Args:
        base_url: where paths begin; its origin is given the credentials.
        auth: puts credentials on a request; one that can `renew()` (or `obtain_token()`) is asked
            to when the system answers 401.
        hosts: further origins that belong to the system.
        classify: decides what an answer means, before the rules that hold everywhere; None: let
            those decide.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: AuthBase | None = None,
        hosts: Collection[str] = (),
        classify: Classify | None = None,
        waits: Waits | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(timeout=TIMEOUT, raise_for_status=False)
        keep_logs_clean()
        self.base_url = base_url.rstrip("/")
        self.credentials = auth
        self.origins = {origin(url) for url in (self.base_url, *hosts)}
        self.classify = classify
        self.waits = waits or Waits()
        self.auth = _Nobody()  # or requests would look for a password in a .netrc
        self.headers.update({"Accept": "application/json", **(headers or {})})
        self._asked: set[tuple[object, ...]] | None = None
        self._allowed: frozenset[int] = frozenset()

    def get(self, url: str, **kwargs: Any) -> Response:  # type: ignore[override]  # noqa: ANN401
        """GET a path or URL; `allow=(404,)` gives such answers back instead of failing."""
        return self._ask("GET", url, **kwargs)

    def post(self, url: str, **kwargs: Any) -> Response:  # type: ignore[override]  # noqa: ANN401
        """POST to a path or URL."""
        return self._ask("POST", url, **kwargs)

    def paginate(
        self,
        path: str,
        *,
        paginator: BasePaginator,
        data_selector: str,
        **kwargs: Any,  # noqa: ANN401
    ) -> Iterator[PageData[Any]]:
        """Page after page, by one of dlt's paginators, until it says that there is no more."""
        # its own settings: looking for others would import Airflow and read files of dlt's
        client = RESTClient(self.base_url, session=self, config=RuntimeConfiguration())
        hooks: dict[str, Any] = {"response": []}
        with self.without_repeats():
            for page in client.paginate(
                path, paginator=paginator, data_selector=data_selector, hooks=hooks, **kwargs
            ):
                refuse_other_shapes(page, data_selector)
                yield page

    @contextmanager
    def without_repeats(self) -> Iterator[None]:
        """End a reading that asks for the same page again: it would go round in a circle."""
        outer, self._asked = self._asked, set()
        try:
            yield
        finally:
            self._asked = outer

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # noqa: ANN401
        """Send a request until it is answered, or given up.

        Raises:
            SourceError: it is given up.
            QuotaUsedUp: the system has no more to give today.
        """
        kwargs["allow_redirects"] = False
        for _ in range(_MOST_HOPS):
            self._refuse_strangers(request)
            self._refuse_repeats(request)
            response = self._deliver(request, kwargs)
            if not response.is_redirect or request.method not in ("GET", "HEAD"):
                return response
            target = urljoin(response.url, self.get_redirect_target(response))
            request = request.copy()
            request.url = target
        raise SourceError(f"{named(request)}: redirected too often", is_final=True)

    def _deliver(self, request: PreparedRequest, kwargs: dict[str, Any]) -> Response:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Again),
            stop=tenacity.stop_after_attempt(self.waits.attempts),
            wait=self._pause_before_next,
            sleep=self.waits.pause,
            reraise=True,
        )
        try:
            return retrying(self._attempt, request, [], kwargs)
        except Again as error:
            raise SourceError(
                f"{named(request)}: given up after {self.waits.attempts} attempts: {error}"
            ) from None

    def _ask(self, method: str, url: str, **kwargs: Any) -> Response:  # noqa: ANN401
        """One request by itself: asking for the same again is no going round in circles."""
        self._allowed, pages = frozenset(kwargs.pop("allow", ())), self._asked
        self._asked = None
        full = url if "://" in url else f"{self.base_url}/{url.lstrip('/')}"
        try:
            return self.request(method, full, **kwargs)
        finally:
            self._allowed, self._asked = frozenset(), pages

    def _attempt(
        self, request: PreparedRequest, renewals: list[str], kwargs: dict[str, Any]
    ) -> Response:
        prepared = request.copy()
        if self.credentials is not None:
            prepared = self.credentials(prepared)
        try:
            response: Response = super().send(prepared, **kwargs)  # type: ignore[no-untyped-call]
        except _HOPELESS as error:
            raise SourceError(f"{named(request)}: {why(error)}", is_final=True) from None
        except RequestException as error:
            raise Again(why(error)) from None
        return self._judged(response, request, renewals)

    def _judged(
        self, response: Response, request: PreparedRequest, renewals: list[str]
    ) -> Response:
        verdict = (self.classify and self.classify(response)) or self._verdict(response, renewals)
        if verdict == "ok":
            if response.is_redirect:
                return response
            return parsed(response, is_wanted=self._asked is not None)
        what = f"{response.status_code} {excerpt(response)}".strip()
        wait = self.waits.asked_for(response.headers.get("Retry-After"))
        if verdict == "renew" and self._renew():
            renewals.append(what)
            raise Again(what, wait=0)
        is_quota = verdict == "quota" or (wait is not None and wait > self.waits.longest)
        if is_quota and verdict in ("quota", "retry"):
            until = self.waits.moment_after(wait) if wait else None
            when = f"; it may be asked again at {until:%Y-%m-%d %H:%M} UTC" if until else ""
            raise QuotaUsedUp(
                f"{named(request)}: the system gives no more for now: {what}{when}", until=until
            )
        if verdict == "retry":
            raise Again(what, wait=wait)
        raise HttpError(f"{named(request)}: {what}", response)

    def _verdict(self, response: Response, renewals: list[str]) -> Verdict:
        status = response.status_code
        if status < 400 or status in self._allowed:
            return "ok"
        if status == 401 and self.credentials is not None and len(renewals) < 3:
            return "renew"
        return "retry" if status in RETRIED else "final"

    def _renew(self) -> bool:
        """Ask for a new token; False: there is none to ask for."""
        renew = getattr(self.credentials, "renew", None)
        renew = renew or getattr(self.credentials, "obtain_token", None)
        if renew is None:
            return False
        renew()
        return True

    def _pause_before_next(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, Again) else None
        wait = self.waits.backoff(state.attempt_number) if asked is None else asked
        if state.idle_for + wait > self.waits.total:
            raise SourceError(
                f"given up: the pauses the system asks for add up to more than "
                f"{self.waits.total / 60:.0f} minutes: {error}"
            )
        return wait

    def _refuse_strangers(self, request: PreparedRequest) -> None:
        found = origin(request.url)
        if found not in self.origins:
            known = ", ".join(sorted(self.origins))
            raise SourceError(
                f"{origin(self.base_url)} leads to {found}, which is not asked: only {known} is "
                "given the credentials. If it belongs to the system, add it to options.hosts",
                is_final=True,
            )

    def _refuse_repeats(self, request: PreparedRequest) -> None:
        if self._asked is None:
            return
        page = (request.method, request.url, request.body)
        if page in self._asked:
            raise SourceError(
                f"{named(request)}: the same page is asked for again: the cursor does not advance"
            )
        self._asked.add(page)
