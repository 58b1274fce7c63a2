"""When a request is tried again, after how long, and when it is given up."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import sleep
from typing import Literal

Verdict = Literal["ok", "retry", "renew", "quota", "final"]
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Waits:
    """How patient a reading is.

    Attributes:
        attempts: how often one request is sent before it is given up.
        longest: seconds; a system that asks for a longer pause has no more to give today.
        total: seconds all pauses of one request may add up to.
        first: seconds before the second attempt when the system says nothing; then doubled.
        pause: how a pause is made; tests need not sleep.
    """

    attempts: int = 8
    longest: float = 900
    total: float = 1800
    first: float = 1
    pause: Callable[[float], None] = sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after an attempt, when the system does not say: 1, 2, 4 … a minute."""
        return min(60.0, self.first * 2.0 ** (attempt - 1)) * random.uniform(0.8, 1.2)  # noqa: S311

    def asked_for(self, header: str | None) -> float | None:
        """Seconds a `Retry-After` asks for, given as seconds or as an HTTP date."""
        if not header:
            return None
        try:
            return max(0.0, float(header))
        except ValueError:
            pass
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self.now()).total_seconds())

    def moment_after(self, seconds: float) -> datetime:
        """When a pause that begins now ends."""
        return self.now() + timedelta(seconds=seconds)
