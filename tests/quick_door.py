"""The doors' suites judged by hand, for tests of what lies behind them.

Great Expectations takes a third of a second a time, and has tests of its own in tests/expectations.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any


def judge_by_hand(
    _name: str, expectations: Sequence[Any], frame: Sequence[Mapping[str, Any]], index: str | None
) -> list[Any]:
    """What Great Expectations says of values that have to lie between two numbers."""
    return [judged_by_hand(expectation, frame, index) for expectation in expectations]


def judged_by_hand(rule: Any, frame: Sequence[Mapping[str, Any]], index: str | None) -> Any:
    bad = [
        row
        for row in frame
        if (value := row[rule.column]) is not None
        and not (
            (rule.min_value is None or value >= rule.min_value)
            and (rule.max_value is None or value <= rule.max_value)
        )
    ]
    config = SimpleNamespace(meta=rule.meta, severity=rule.severity, kwargs={"column": rule.column})
    listed = [{index: row[index]} for row in bad] if index else []
    return SimpleNamespace(
        expectation_config=config,
        success=not bad,
        exception_info=None,
        result={"partial_unexpected_index_list": listed},
    )
