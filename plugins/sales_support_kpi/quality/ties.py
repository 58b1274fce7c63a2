"""A tie: two counts, and where there is something to add up two sums, that have to be the same."""

from dataclasses import dataclass
from datetime import date

_SLACK = 1e-9  # relative: sums of the same numbers in another order


@dataclass(frozen=True, slots=True)
class Tie:
    """Two counts, and where there is something to add up two sums, that have to be the same.

    Attributes:
        load_seq: of the one load it is about; none where it is about all of them.
        compared: what stands on the two sides, for a person.
        actual_count: none where there is nothing to compare with (a pruned quarantine).
        may_differ: the two are shown, and need not be the same.
    """

    source: str
    entity: str
    stage: str
    compared: str
    expected_count: int
    actual_count: int | None
    expected_sum: float | None = None
    actual_sum: float | None = None
    load_seq: int | None = None
    load_night: date | None = None
    may_differ: bool = False

    @property
    def is_tied(self) -> bool | None:
        """Whether they are the same; none where that cannot be said."""
        if self.actual_count is None or self.may_differ:
            return None
        if self.expected_sum is None or self.actual_sum is None:
            return self.expected_count == self.actual_count
        apart = abs(self.expected_sum - self.actual_sum) / max(1.0, abs(self.expected_sum))
        return self.expected_count == self.actual_count and apart <= _SLACK

    @property
    def difference(self) -> str:
        """What is seen, for a person."""
        seen = f"{self.compared}: {self.expected_count} and {self.actual_count}"
        if self.expected_sum is not None and self.actual_sum is not None:
            seen += f", sums {self.expected_sum:.6g} and {self.actual_sum:.6g}"
        return f"load {self.load_seq}: {seen}" if self.load_seq is not None else seen
