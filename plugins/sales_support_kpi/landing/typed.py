"""The SQL that turns an input's text into typed and judged rows.

relation of a `Table` → raw → cleaned → typed → judged → one row per line, with the reason where
it has to be kept back. Pure: builds text, touches no data.
"""

from collections.abc import Callable

from sales_support_kpi.entities import Column, ColumnType
from sales_support_kpi.landing import parsing
from sales_support_kpi.landing.reasons import TYPE_REASONS
from sales_support_kpi.sources.tables import ReadRules, SourceColumn, Table, literal, quoted

FORMULA_ERRORS = (
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
    "#FORMULA",
)  # fmt: skip
FIRST_INSTANT, END_OF_INSTANTS = "1970-01-01 00:00:00+00", "2200-01-01 00:00:00+00"


def staging_query(table: Table, rules: ReadRules) -> str:
    """One select over the table's relation: typed columns, and `_code` where the row is bad."""
    return _Staging(table, rules).query()


def hash_sql(table: Table, rules: ReadRules) -> str:
    """Hash of what a typed row says, the same whatever kind of file says it.

    Values stand in the order of the contract. A column that an entity gains later must be added
    by name behind these, only where it is filled, or every row would seem changed.
    """
    said = [
        _canonical(column) if column.name in table.columns else "''"
        for column in table.entity
        if column.name != "version_no"
    ]
    said += [f"{literal(name + '=')} || {quoted(name)}" for name in extra_names(table, rules)]
    return f"left(md5(concat({', chr(31), '.join(said)})), 16)"


def extra_names(table: Table, rules: ReadRules) -> tuple[str, ...]:
    """Names under which unknown columns are landed: none unless the source keeps them."""
    taken = {column.name for column in table.entity}
    if not rules.keep_extra:
        return ()
    return tuple(h for h in table.extras if h.casefold() not in taken and not h.startswith("_"))


class _Staging:
    def __init__(self, table: Table, rules: ReadRules) -> None:
        self.table = table
        self.rules = rules
        self.columns = [c for c in table.entity if c.name in table.columns]
        self.extras = extra_names(table, rules)
        self.nulls = [
            n for n in dict.fromkeys(n.strip(parsing.WHITE_SPACE) for n in rules.nulls) if n
        ]

    def query(self) -> str:
        entity = self.table.entity
        row = "" if self.table.row is None else "_row, "
        outputs = [
            *(quoted(c.name) for c in entity),
            *(quoted(name) for name in self.extras),
        ]
        return (
            f"with raw as (select {self._raw()} from {self.table.relation}), "
            f"cleaned as (select *, {self._cleaned()} from raw), "
            f"typed as (select *, {self._typed()} from cleaned), "
            f"judged as (select *, {self._code()} as _problem from typed), "
            "named as (select *, split_part(_problem, '|', 1) as _code, "
            "split_part(_problem, '|', 2) as _column from judged) "
            f"select {', '.join(outputs)}, {row}_code, _column, "
            f"{self._value()} as _value, {self._json()} as _raw from named"
        )

    def _raw(self) -> str:
        parts = [f"{self._plain(c.name)} as {quoted('r_' + c.name)}" for c in self.columns]
        parts += [f"{s.sql} as x{i}" for i, s in enumerate(self._extra_sources())]
        if self.table.row is not None:
            parts.append(f"{self.table.row} as _row")
        return ", ".join(parts)

    def _extra_sources(self) -> list[SourceColumn]:
        return list(self.table.extras.values())

    def _plain(self, name: str) -> str:
        """The column as DuckDB gives it; what is no type of ours becomes text."""
        source = self.table.columns[name]
        kind = source.sql_type
        if kind.startswith("TIMESTAMP") and "ZONE" not in kind and kind != "TIMESTAMP":
            return f"cast({source.sql} as timestamp)"
        if kind in ("FLOAT", "DOUBLE"):
            return f"case when isnan({source.sql}) then null else {source.sql}::double end"
        if kind in parsing.NATIVE or kind == "VARCHAR":
            return source.sql
        return f"cast({source.sql} as varchar)"

    def _kind(self, name: str) -> str:
        """The DuckDB type `r_<name>` has."""
        kind = self.table.columns[name].sql_type
        if kind == "FLOAT":
            return "DOUBLE"
        if kind.startswith("TIMESTAMP") and "ZONE" not in kind:
            return "TIMESTAMP"
        return kind if kind in parsing.NATIVE else "VARCHAR"

    def _cleaned(self) -> str:
        """`t_<column>`: trimmed text, null where empty; only where it is needed for every row."""
        parts = [
            f"{self._clean(c.name, parsing.quickly_trimmed)} as {quoted('t_' + c.name)}"
            for c in self.columns
            if self._is_cleaned(c)
        ]
        parts += [
            f"{parsing.quickly_trimmed(f'cast(x{i} as varchar)')} as e{i}"
            for i, header in enumerate(self.table.extras)
            if header in self.extras
        ]
        return ", ".join(parts)

    def _is_cleaned(self, column: Column) -> bool:
        is_text = column.type is ColumnType.TEXT
        return is_text or (
            self._kind(column.name) == "VARCHAR" and not self._has_usual_spelling(column.type)
        )

    def _given(self, column: Column) -> str:
        """What the input says in a column, trimmed."""
        if self._is_cleaned(column):
            return quoted("t_" + column.name)
        return f"({self._clean(column.name)})"

    def _clean(self, name: str, trim: Callable[[str], str] = parsing.trimmed) -> str:
        raw, kind = quoted("r_" + name), self._kind(name)
        if kind == "DOUBLE":
            whole = f"{raw} = trunc({raw}) and abs({raw}) < 1e15"
            return f"case when {whole} then cast({raw}::bigint as varchar) else {raw}::varchar end"
        if kind != "VARCHAR":
            return f"cast({raw} as varchar)"
        return self._without_nulls(trim(raw))

    def _without_nulls(self, text: str) -> str:
        if not self.nulls:
            return text
        tokens = ", ".join(literal(token) for token in self.nulls)
        return f"case when {text} in ({tokens}) then null else {text} end"

    def _typed(self) -> str:
        present = {column.name for column in self.columns}
        parts = [
            f"{self._value_of(c) if c.name in present else 'null'}::{c.type.sql} "
            f"as {quoted(c.name)}"
            for c in self.table.entity
        ]
        parts += [
            f"e{i} as {quoted(header)}"
            for i, header in enumerate(self.table.extras)
            if header in self.extras
        ]
        return ", ".join(parts)

    def _value_of(self, column: Column) -> str:
        raw, kind = quoted("r_" + column.name), self._kind(column.name)
        if column.type is ColumnType.TEXT:
            text = quoted("t_" + column.name)
            return self._word(column, text) if column.vocabulary else text
        if kind == "VARCHAR":
            return self._parsed(column, raw)
        return parsing.converted(column.type, raw, kind)

    def _word(self, column: Column, text: str) -> str:
        words = self.rules.aliases.words(self.table.entity, column.name)
        exact = ", ".join(literal(word) for word in column.vocabulary or ())
        composed = parsing.half_width(f"nfc_normalize({text})")
        folded = f"lower(regexp_replace({composed}, '[\\s_\\x{{a0}}\\x{{3000}}]', '', 'g'))"
        cases = " ".join(f"when {literal(a)} then {literal(w)}" for a, w in words.items())
        other = f" else {text}" if column.is_open else ""
        return (
            f"case when {text} in ({exact}) then {text} else case {folded} {cases}{other} end end"
        )

    def _has_usual_spelling(self, kind: ColumnType) -> bool:
        """Whether nearly every value is written in one way, which is read without trimming."""
        is_odd = self.rules.date_format or any(len(n) > 10 and n[4] == "-" for n in self.nulls)
        return kind is ColumnType.INSTANT and not is_odd

    def _parsed(self, column: Column, raw: str) -> str:
        """Text to value: the usual spelling at full speed, everything else the careful way."""
        careful = parsing.parsed(column.type, self._given(column), self.rules.date_format)
        if not self._has_usual_spelling(column.type):
            return careful
        is_iso = f"substr({raw}, 5, 1) = '-' and length({raw}) > 10"
        fast = f"case when {is_iso} then try_cast({raw} as timestamptz) end"
        return f"case when {raw} is not null then coalesce({fast}, {careful}) end"

    def _code(self) -> str:
        """`code|column` of the first thing wrong with a row, null for a good one."""
        findings = [
            f"case when {quoted(name)} is null then case when {self._is_blank()} then 'blank|' "
            f"else 'missing_required|{name}' end end"
            for name in self.table.entity.key
        ]
        findings += [_formula_error(name, quoted(name)) for name in self.table.entity.key]
        for column in self.columns:
            findings += [] if column.is_key else self._findings(column)
        findings += _ROW_RULES.get(self.table.entity.name, ())
        return f"coalesce({', '.join(findings)})"

    def _findings(self, column: Column) -> list[str]:
        """What can be wrong with one column's value; cheap for good rows."""
        value = quoted(column.name)
        is_text = column.type is ColumnType.TEXT
        given = self._given(column)
        code = TYPE_REASONS.get(column.type, "out_of_vocabulary")
        cases = []
        if not is_text or column.vocabulary:
            cases.append(f"when {given} is not null then '{code}|{column.name}'")
        if column.is_required:
            cases.append(f"else 'missing_required|{column.name}'")
        if cases == [f"else 'missing_required|{column.name}'"]:
            cases = [f"when true then 'missing_required|{column.name}'"]
        findings = [f"case when {value} is null then case {' '.join(cases)} end end"]
        if is_text and not column.vocabulary:
            return [*(findings if cases else []), _formula_error(column.name, value)]
        if column.type is ColumnType.INSTANT:
            findings.append(
                f"case when {value} < timestamptz '{FIRST_INSTANT}' or {value} >= "
                f"timestamptz '{END_OF_INSTANTS}' then 'out_of_range|{column.name}' end"
            )
        return findings if cases else findings[1:]

    def _is_blank(self) -> str:
        cells = [self._given(c) for c in self.columns]
        cells += [parsing.trimmed(f"cast(x{i} as varchar)") for i in range(len(self.table.extras))]
        return f"coalesce({', '.join(cells)}) is null"

    def _value(self) -> str:
        cases = " ".join(
            f"when {literal(c.name)} then cast({quoted('r_' + c.name)} as varchar)"
            for c in self.columns
        )
        return f"case when _problem is not null then case _column {cases} end end"

    def _json(self) -> str:
        """The record as it was, by its own headers."""
        pairs = [
            f"{literal(self.table.columns[c.name].header)}, "
            f"cast({quoted('r_' + c.name)} as varchar)"
            for c in self.columns
        ]
        pairs += [
            f"{literal(header)}, cast(x{i} as varchar)"
            for i, header in enumerate(self.table.extras)
        ]
        record = f"cast(json_object({', '.join(pairs)}) as varchar)"
        return f"case when _problem is not null then {record} end"


_COMPLETED = (
    "case when completed_at < coalesce(received_at, opened_at) "
    "then 'completed_before_start|completed_at' end"
)
_BAD_SCALE = (
    "case when coalesce(scale_max, 5) <= coalesce(scale_min, 1) then 'bad_scale|scale_max' end"
)
_BAD_SCORE = (
    "case when score < coalesce(scale_min, 1) or score > coalesce(scale_max, 5) "
    "then 'score_out_of_scale|score' end"
)
_ROW_RULES = {"requests": (_COMPLETED,), "survey_responses": (_BAD_SCALE, _BAD_SCORE)}


def _canonical(column: Column) -> str:
    name = quoted(column.name)
    return f"epoch_us({name})" if column.type is ColumnType.INSTANT else name


def _formula_error(column: str, value: str) -> str:
    errors = ", ".join(literal(error) for error in FORMULA_ERRORS)
    is_error = f"case when {value} in ({errors}) then 'formula_error|{column}' end"
    return f"case when ascii({value}) = 35 then {is_error} end"
