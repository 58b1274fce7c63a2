"""What may go wrong with a foreign system, in one sentence for the person who can help."""

from datetime import datetime

from sales_support_kpi.errors import SalesSupportKpiError


class SourceError(SalesSupportKpiError):
    """A source cannot be read; its last accepted load stays in use.

    Attributes:
        is_final: trying again within the night would end the same way.
    """

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(message)


class QuotaUsedUp(SourceError):
    """The system gives no more for today: what has been read is kept, the rest follows.

    Attributes:
        until: when it may be asked again, if it said so.
    """

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(message, is_final=True)
