"""Text that a spreadsheet would run as a formula is made harmless before it is written."""

import re
from typing import Any, Final

_STARTS_A_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NOT_ALLOWED: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def neutral(text: str) -> str:
    """The text as a cell that stays text: an apostrophe before what would be a formula."""
    allowed = _NOT_ALLOWED.sub("", text)
    return f"'{allowed}" if _STARTS_A_FORMULA.match(allowed) else allowed


def neutral_cell(cell: object) -> Any:  # noqa: ANN401 - what a cell can hold
    """A cell's value; only text needs care."""
    return neutral(cell) if isinstance(cell, str) else cell
