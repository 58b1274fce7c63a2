"""What a spreadsheet's cell says, as text."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sales_support_kpi.sources.workbook_parts import padded_tokens

_LAST_SERIAL = 2_958_466  # 10000-01-01
_MILLISECOND = timedelta(milliseconds=1)

Cell = Callable[[Any], str]
Notes = Sequence[str | None]


def as_text(value: Any) -> str:  # noqa: ANN401 - a cell's value
    """What the cell says, without what only the file format adds."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        return str(int(value)) if value == int(value) and abs(value) < 1e18 else repr(value)
    if isinstance(value, datetime):
        return _rounded(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _rounded(value: datetime) -> datetime:
    """Without the noise that a time has as a fraction of a day."""
    rest = timedelta(microseconds=value.microsecond % 1000)
    down = value - rest
    return down + _MILLISECOND if rest >= _MILLISECOND / 2 else down


def time_reader(epoch: datetime) -> Cell:
    """Cells as text where bare numbers are days since the epoch."""

    def convert(value: Any) -> str:  # noqa: ANN401 - a cell's value
        is_number = isinstance(value, float | int) and not isinstance(value, bool)
        if is_number and 1 <= value < _LAST_SERIAL:
            return _rounded(epoch + timedelta(days=value)).isoformat()
        return as_text(value)

    return convert


def noted(text: str, value: Any, found: Notes, is_text: bool) -> str:  # noqa: ANN401 - a cell
    """The cell with what its value alone does not say."""
    note = found[0] if found else None
    if note is None:
        return text
    if note.startswith("#"):
        return note
    is_number = isinstance(value, float | int) and not isinstance(value, bool)
    return shown_number(text, note[1:]) if is_text and is_number and text.isdigit() else text


def shown_number(digits: str, pattern: str) -> str:
    """`7` by `000` is `007`; digits the pattern has no room for stand before its first one."""
    tokens = padded_tokens(pattern) or []
    places = [at for at, token in enumerate(tokens) if token in ("0", "#")]
    surplus = digits[: max(0, len(digits) - len(places))]
    padded = digits[len(surplus) :].rjust(len(places))
    shown = list(tokens)
    for at, digit in zip(places, padded, strict=True):
        shown[at] = digit if digit != " " else "0" if tokens[at] == "0" else ""
    return "".join([*shown[: places[0]], surplus, *shown[places[0] :]])
