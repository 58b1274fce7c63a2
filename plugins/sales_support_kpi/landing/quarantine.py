"""Rows that were kept back: `quarantine/<source>/<entity>/load=…/rows.parquet`.

One row per line of the input: load_seq, source, entity, night, reason (a code), message (in the
file's language), column_name, value, record_key, file, sheet, row, raw (the record as JSON, or
the line as it stood).
"""

from datetime import date
from pathlib import Path

from sales_support_kpi.landing.reasons import REASONS, reason_text
from sales_support_kpi.sources.tables import Table, literal, quoted

ROWS = "rows.parquet"


def quarantine_query(table: Table, source: str, night: date, sequence: int) -> str:
    """The rows kept back, from `staged`, `losers` and `malformed`."""
    entity = table.entity
    key = f"[{', '.join(quoted(name) for name in entity.key)}]"
    record = ", ".join(f"{literal(c.name)}, {quoted(c.name)}::varchar" for c in entity)
    tied_value = "version_no::varchar" if entity.is_versioned else "null::varchar"
    kept = (
        f"select _row, _code as code, _column as col, _value as val, _raw as raw, {key} as keys "
        "from staged where _code is not null union all by name "
        f"select _row, 'tied_versions' as code, 'version_no' as col, {tied_value} as val, "
        f"cast(json_object({record}) as varchar) as raw, {key} as keys "
        "from staged where _row in (select _row from losers where is_tied) union all by name "
        "select _row, code, null as col, null as val, raw, keys from malformed"
    )
    texts = " ".join(
        f"when {literal(code)} then {literal(reason_text(code, table.language))}"
        for code in REASONS
    )
    sheet = literal(table.sheet) if table.sheet is not None else "null"
    return (
        f"select {sequence}::bigint as load_seq, {literal(source)} as source, "
        f"{literal(entity.name)} as entity, date {literal(night)} as night, code as reason, "
        f"case code {texts} end as message, col as column_name, val as value, "
        f"nullif(array_to_string(keys, ' / '), '') as record_key, {literal(table.file)} as file, "
        f"{sheet}::varchar as sheet, _row as row, raw from ({kept}) order by row"
    )


def content_query(file: Path) -> str:
    """A hash of what is kept back, to tell the same rows from new ones."""
    said = "md5(concat_ws('|', reason, column_name, value, raw))"
    return f"select md5(string_agg({said}, '' order by row)) from read_parquet({literal(file)})"
