"""SurveyMonkey: answers to the measured surveys.

connection → `connect(setting)` → what choices count, responses in bulk → `mappings/*.sql`.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from sales_support_kpi.sources.extract.resources import ConnectorBase, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sales_support_kpi.sources.extract.resources import Earlier, Finding, Page, Setting, Start

LOOKBACK = timedelta(minutes=10)  # whether the vendor's filter is inclusive is not said

_CHOICE = (
    "survey_id", "choice_id", "weight", "is_answer", "valid_from", "valid_to",
    "scale_min", "scale_max",
)  # fmt: skip
_RESPONSE = (
    "id", "survey_id", "survey", "date_modified", "response_status", "collection_mode",
    "choice_id", "number", "scale_min", "scale_max", "comment", "request_id", "respondent_id",
    "respondent_email",
)  # fmt: skip


def connect(setting: "Setting") -> "SurveyMonkey":
    """Open an account.

    Raises:
        SourceError: the connection lacks what it needs.
    """
    return SurveyMonkey(setting)


class SurveyMonkey(ConnectorBase):
    """One account, open for one pull or one check."""

    def __init__(self, setting: "Setting") -> None:
        from pathlib import Path

        from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

        from sales_support_kpi.sources.extract.http import Http
        from sales_support_kpi.sources.extract.mapping import selects_in
        from sales_support_kpi.sources.extract.vendors.surveymonkey.reader import Reader, classify

        super().__init__(setting)
        self.options = setting.options
        credentials = setting.credentials
        credentials.need("password")
        self.http = Http(
            credentials.base_url,
            auth=BearerTokenAuth(token=credentials.password),
            hosts=self.options.hosts,
            classify=classify,
        )
        self.reader = Reader(self.http, self.options)
        reach = self.options.lookback(LOOKBACK)
        self.resources = (
            Resource("choices", _CHOICE),
            Resource("responses", _RESPONSE, ("survey_id", "id"), "date_modified", reach),
        )
        self.selects = selects_in(Path(__file__).parent / "mappings")
        if not any(one.respondent and one.respondent.is_email for one in self.options.surveys):
            del self.selects["employees"]

    def read(self, resource: "Resource", start: "Start", earlier: "Earlier") -> "Iterator[Page]":
        """The pages of one resource."""
        return self.reader.read(resource, start)

    def check(self) -> "Iterator[Finding]":
        """Try the token, and everything the options name."""
        from sales_support_kpi.sources.extract.vendors.surveymonkey.checking import findings

        yield from findings(self.http, self.options)

    def close(self) -> None:
        """Let go of connections."""
        self.http.close()
