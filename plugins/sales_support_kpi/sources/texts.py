"""What is wrong with an input, said in the language that the file itself uses."""

from collections.abc import Mapping

from sales_support_kpi.errors import InputError

_TEXTS: Mapping[str, tuple[str, str]] = {
    # code: (Korean, English)
    "not_found": (
        "{path}: 파일이나 폴더가 없습니다. 경로를 확인해 주세요.",
        "{path}: there is no such file or folder. Check the path.",
    ),
    "unreadable": (
        "{file}: 읽을 수 없습니다 ({why}). 파일을 닫고 다시 저장하거나 권한을 확인해 주세요.",
        "{file}: cannot be read ({why}). Close and save it again, or check its permissions.",
    ),
    "unsupported": (
        (
            "{file}: 지원하지 않는 형식입니다. .xlsx, .csv, .csv.gz, .parquet, .jsonl 중 하나로 "
            "저장해 주세요."
        ),
        (
            "{file}: this kind of file is not supported. Save it as .xlsx, .csv, .csv.gz, .parquet "
            "or .jsonl."
        ),
    ),
    "empty_file": (
        "{file}: 파일이 비어 있습니다. 첫 행에 열 이름을 넣어 주세요.",
        "{file}: the file is empty. Put the column names into its first row.",
    ),
    "empty_workbook": (
        (
            "{file}: 통합 문서에 내용이 없습니다. 엔터티마다 시트 하나씩 넣어 주세요 "
            "(`kpi template`로 빈 양식을 만들 수 있습니다)."
        ),
        (
            "{file}: the workbook is empty. Give it one sheet per entity (`kpi template` writes an "
            "empty one)."
        ),
    ),
    "empty_sheet": (
        "{where}: 시트가 비어 있습니다. 첫 행에 열 이름을 넣거나 시트를 지워 주세요.",
        "{where}: the sheet is empty. Put the column names into its first row, or delete it.",
    ),
    "nothing_recognised": (
        (
            "{path}: 알 수 있는 {thing}가 없습니다 ({names}). "
            "이름을 다음 중 하나로 바꿔 주세요: {known}."
        ),
        (
            "{path}: no {thing} has a name that is known ({names}). "
            "Name them after the entities: {known}."
        ),
    ),
    "typo": (
        "{where}: 이름을 알 수 없습니다. 혹시 ‘{suggestion}’인가요? 이름을 고쳐 주세요.",
        "{where}: the name is not known. Did you mean {suggestion!r}? Rename it.",
    ),
    "twice": (
        "{path}: {entity} 데이터가 두 번 있습니다 ({first}, {second}). 하나만 남겨 주세요.",
        "{path}: {entity} is there twice ({first}, {second}). Keep one of them.",
    ),
    "missing_columns": (
        (
            "{where}, {row}행: 꼭 필요한 열이 없습니다: {columns}. 열을 추가하거나 이름을 고쳐 "
            "주세요 (있는 열: {have})."
        ),
        (
            "{where}, row {row}: required columns are missing: {columns}. Add them, or correct "
            "their names (there are: {have})."
        ),
    ),
    "duplicate_header": (
        "{where}, {row}행: {columns} 열이 모두 {name}입니다. 하나만 남기거나 이름을 바꿔 주세요.",
        (
            "{where}, row {row}: the columns {columns} all mean {name}. Keep one, or rename the "
            "others."
        ),
    ),
    "encrypted": (
        "{file}: 암호로 보호되었거나 예전 형식(.xls)입니다. 암호 없이 .xlsx로 저장해 주세요.",
        (
            "{file}: is protected by a password, or in the old .xls format. "
            "Save it as .xlsx without a password."
        ),
    ),
    "corrupt": (
        "{file}: 파일이 손상되었습니다 ({why}). 원본에서 다시 내보내 주세요.",
        "{file}: the file is damaged ({why}). Export it again from where it came.",
    ),
    "too_large": (
        "{file}: 압축을 풀면 {size}가 넘습니다. 파일을 나누거나 CSV로 내보내 주세요.",
        "{file}: holds more than {size} once unpacked. Split it, or export it as CSV.",
    ),
    "undecodable": (
        (
            "{file}, {line}행: 글자를 {tried}(으)로 읽을 수 없습니다. UTF-8로 저장하거나 "
            "read.encoding을 지정해 주세요."
        ),
        (
            "{file}, line {line}: is not text in {tried}. Save it as UTF-8, or say which by "
            "read.encoding."
        ),
    ),
    "no_sheet": (
        "{file}: ‘{sheet}’ 시트가 없습니다 (있는 시트: {have}). read.sheet를 고쳐 주세요.",
        "{file}: there is no sheet {sheet!r} (there are: {have}). Correct read.sheet.",
    ),
}


def input_error(code: str, language: str, **facts: object) -> InputError:
    """The error with its facts filled in."""
    korean, english = _TEXTS[code]
    return InputError((korean if language == "ko" else english).format(**facts))


def place(file: str, sheet: str | None, language: str) -> str:
    """File and sheet, as messages name them."""
    if sheet is None:
        return file
    return f"{file}, {sheet!r} 시트" if language == "ko" else f"{file}, sheet {sheet!r}"
