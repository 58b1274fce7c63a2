"""Why a row is kept back or a load refused, in Korean and English: one table."""

from collections.abc import Mapping

REASONS: Mapping[str, tuple[str, str]] = {
    # code: (Korean, English)
    "missing_required": ("필수 값이 비어 있습니다", "a required value is empty"),
    "not_an_instant": (
        "날짜와 시각으로 읽을 수 없습니다 (예: 2026-10-31 09:00)",
        "is not a date and time (like 2026-10-31 09:00)",
    ),
    "not_a_date": ("날짜로 읽을 수 없습니다 (예: 2026-10-31)", "is not a date (like 2026-10-31)"),
    "not_a_number": ("숫자로 읽을 수 없습니다", "is not a number"),
    "not_an_integer": ("정수로 읽을 수 없습니다", "is not a whole number"),
    "not_a_bool": ("예/아니오로 읽을 수 없습니다", "is neither yes nor no"),
    "out_of_range": (
        "1970년에서 2199년 사이의 시각이 아닙니다",
        "lies outside the years 1970 to 2199",
    ),
    "out_of_vocabulary": ("정해진 낱말이 아닙니다", "is not one of the known words"),
    "formula_error": (
        "수식 오류이거나 계산되지 않은 수식입니다",
        "is a formula's error, or a formula that was never computed",
    ),
    "completed_before_start": ("완료 시각이 시작보다 빠릅니다", "is before the start"),
    "score_out_of_scale": ("점수가 척도를 벗어났습니다", "lies outside its scale"),
    "bad_scale": (
        "척도의 최고점이 최저점보다 크지 않습니다",
        "the scale's maximum is not above its minimum",
    ),
    "tied_versions": (
        "같은 키와 시각에 내용이 다른 행이 있습니다 (version_no로 순서를 정해 주세요)",
        "other rows have the same key and time and different content (order them by version_no)",
    ),
    "too_few_columns": ("열이 모자랍니다", "the line has too few columns"),
    "too_many_columns": ("열이 너무 많습니다", "the line has too many columns"),
    "bad_quotes": ("따옴표가 맞지 않습니다", "the quotes of the line do not match"),
    "bad_json": ("JSON 객체가 아닙니다", "the line is not a JSON object"),
}

TYPE_REASONS: Mapping[str, str] = {
    "instant": "not_an_instant",
    "date": "not_a_date",
    "decimal": "not_a_number",
    "int": "not_an_integer",
    "bool": "not_a_bool",
}


def reason_text(code: str, language: str) -> str:
    """The reason as a sentence in `ko` or `en`."""
    korean, english = REASONS[code]
    return korean if language == "ko" else english
