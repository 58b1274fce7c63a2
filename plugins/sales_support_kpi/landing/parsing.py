"""SQL expressions that read a value from text, or from another type; null where it is none."""

from sales_support_kpi.aliases import FALSE_WORDS, FULL_WIDTH, HALF_WIDTH, TRUE_WORDS
from sales_support_kpi.entities import ColumnType
from sales_support_kpi.sources.tables import literal

WHITE_SPACE = " \t\n\x0b\x0c\r\u00a0\u3000"
NATIVE = frozenset({
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "DOUBLE",
    "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
})  # fmt: skip
_TIMES = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")

_ZONE = r"([Zz]|[+-]\d{2}(:?\d{2})?)?"
_ISO = rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}([Tt ]+\d{{1,2}}(:\d{{2}}(:\d{{2}}([.,]\d+)?)?)?\s*{_ZONE})?"
_BASIC = rf"\d{{8}}([Tt]\d{{2}}(\d{{2}}(\d{{2}}([.,]\d+)?)?)?{_ZONE})?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
# an amount as offices write it: groups of three, a won sign before it or 원 behind it
_AMOUNT = r"[+-]?(₩|\\)?\s*[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?\s*(원|KRW)?"
_ZONED = r"(?i)^.{10,}([z]|[+-]\d{2}(:?\d{2})?)$"


def trimmed(text: str) -> str:
    """Text without white space around it, null when nothing is left."""
    return f"nullif(trim({text}, {literal(WHITE_SPACE)}), '')"


def quickly_trimmed(text: str) -> str:
    """The same, longer to read and cheaper to run where there is no white space: for every row."""
    first, last = f"ascii({text})", f"right({text}, 1)"
    is_plain = f"{text} >= '!' and {text} < '\x7f' and {last} >= '!' and {last} < '\x7f'"
    is_tight = (
        f"{first} > 32 and {first} <> 160 and {first} <> 12288 "
        f"and {last} > ' ' and {last} <> '\u00a0' and {last} <> '\u3000'"
    )
    return f"case when {is_plain} or {is_tight} then {text} else {trimmed(text)} end"


def half_width(text: str) -> str:
    """Full-width (전각) letters, digits and signs as their ordinary twins."""
    return f"translate({text}, {literal(FULL_WIDTH)}, {literal(HALF_WIDTH)})"


def parsed(kind: ColumnType, text: str, date_format: str | None) -> str:
    """A value from trimmed text, written with ordinary or with full-width characters."""
    if kind is ColumnType.TEXT:
        return text
    plain = _parsed(kind, text, date_format)
    is_wide = f"regexp_matches({text}, '[\uff01-\uff5e\uffe6]')"
    wide = _let("narrow", half_width(text), _parsed(kind, "narrow", date_format))
    return f"coalesce({plain}, case when {is_wide} then {wide} end)"


def _let(name: str, value: str, body: str) -> str:
    """The body, where a name stands for a value; SQL has no other way to write it once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _parsed(kind: ColumnType, text: str, date_format: str | None) -> str:
    match kind:
        case ColumnType.INSTANT:
            return instant(text, date_format)
        case ColumnType.DATE:
            return day(text, date_format)
        case ColumnType.DECIMAL:
            return decimal(text)
        case ColumnType.INT:
            return integer(text)
        case ColumnType.BOOL:
            return boolean(text)
        case ColumnType.TEXT:
            return text


def converted(kind: ColumnType, raw: str, have: str) -> str:
    """A typed input's value as ours; null where the two types have nothing in common."""
    if kind in (ColumnType.INSTANT, ColumnType.DATE):
        return f"cast({raw} as {kind.sql})" if have in _TIMES else "null"
    if kind is ColumnType.BOOL and have == "BOOLEAN":
        return raw
    if have in ("BOOLEAN", *_TIMES):
        return "null"
    if kind is ColumnType.DECIMAL:  # not by way of text, which may lose the last digit
        return f"case when isfinite({raw}::double) then {raw}::double + 0.0 end"
    text = f"cast({raw} as varchar)"
    if kind is ColumnType.BOOL:
        return boolean(f"replace({text}, '.0', '')")
    return integer(text)


def instant(text: str, date_format: str | None) -> str:
    """ISO 8601, extended or basic, from the day to the microsecond; naive: the session's zone."""
    tidy = f"replace(regexp_replace(upper({text}), '\\s+([Z+-])', '\\1'), ',', '.')"
    tidy = f"regexp_replace({tidy}, '^(.{{8,10}}[T ]+\\d{{1,2}})($|[Z+-])', '\\1:00\\2')"
    iso = _when(_ISO, text, f"try_cast({tidy} as timestamptz)")
    spread = (
        f"regexp_replace(regexp_replace(replace(upper({text}), ',', '.'), "
        "'^(\\d{4})(\\d{2})(\\d{2})', '\\1-\\2-\\3'), "
        "'T(\\d{2})(\\d{2})?(\\d{2})?', 'T\\1:\\2:\\3')"
    )
    spread = f"regexp_replace(replace({spread}, '::', ':00:00'), ':($|[Z+-])', ':00\\1')"
    basic = _when(_BASIC, text, f"try_cast({spread} as timestamptz)")
    return f"coalesce({', '.join([*_by_format(text, date_format), iso, basic])})"


def day(text: str, date_format: str | None) -> str:
    """A date; the day in the session's zone of an instant that names its offset."""
    zoned = f"cast({instant(text, date_format)} as date)"
    plain = _when(_ISO, text, f"try_cast({text} as date)")
    own = [f"cast({one} as date)" for one in _by_format(text, date_format)]
    return (
        f"case when regexp_matches({text}, '{_ZONED}') then {zoned} "
        f"else coalesce({', '.join([*own, plain, zoned])}) end"
    )


def decimal(text: str) -> str:
    """A finite number with a point, also as an amount: `1,234.5`, `₩1,234`, `1,234원`."""

    def finite(number: str) -> str:
        value = f"try_cast({number} as double)"
        return f"case when isfinite({value}) then {value} + 0.0 end"

    plain = _when(_NUMBER, text, finite(text))
    return f"coalesce({plain}, {_when(_AMOUNT, text, finite(_bare(text)))})"


def integer(text: str) -> str:
    """A whole number, also as `7.0` and `1,234`."""

    def whole(number: str) -> str:
        return _when(
            "[+-]?\\d+(\\.0*)?", number, f"try_cast(split_part({number}, '.', 1) as bigint)"
        )

    return f"coalesce({whole(text)}, {_when(_AMOUNT, text, whole(_bare(text)))})"


def _bare(amount: str) -> str:
    """The sign, digits and point of an amount."""
    return f"regexp_replace({amount}, '[^0-9.+-]', '', 'g')"


def boolean(text: str) -> str:
    """Yes or no in any of the accepted spellings."""
    yes = ", ".join(literal(word) for word in TRUE_WORDS)
    no = ", ".join(literal(word) for word in FALSE_WORDS)
    folded = f"lower({text})"
    return f"case when {folded} in ({yes}) then true when {folded} in ({no}) then false end"


def _when(pattern: str, text: str, value: str) -> str:
    return f"case when regexp_full_match({text}, '{pattern}') then {value} end"


def _by_format(text: str, date_format: str | None) -> list[str]:
    """The source's own date format, in full and without its time of day."""
    if not date_format:
        return []
    only_day = date_format.split()[0].split("T")[0]
    return [
        f"cast(try_strptime({text}, {literal(one)}) as timestamptz)"
        for one in dict.fromkeys((date_format, only_day))
    ]
