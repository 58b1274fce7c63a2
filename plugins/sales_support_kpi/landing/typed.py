"""The SQL that turns an input's text into typed, judged and hashed rows.

relation of a `Table` → raw → cleaned → typed → judged → one row per line, with the reason where
it has to be kept back. Pure: builds text, touches no data.
"""

from sales_support_kpi.aliases import FALSE_WORDS, TRUE_WORDS
from sales_support_kpi.entities import Column, ColumnType
from sales_support_kpi.landing.reasons import TYPE_REASONS
from sales_support_kpi.sources.tables import ReadRules, SourceColumn, Table, literal, quoted

WHITE_SPACE = " \t\n\x0b\x0c\r\u00a0\u3000"
FIRST_INSTANT, END_OF_INSTANTS = "1970-01-01 00:00:00+00", "2200-01-01 00:00:00+00"
_WHITE_CODES = ", ".join(str(ord(char)) for char in WHITE_SPACE)
_WHITE_LIST = ", ".join(literal(char) for char in WHITE_SPACE)
_ISO = (
    r"\d{4}-\d{1,2}-\d{1,2}([T ]+\d{1,2}(:\d{2}(:\d{2}([.,]\d+)?)?)?"
    r"\s*([Zz]|[+-]\d{2}(:?\d{2})?)?)?"
)
_BASIC = r"\d{8}(T\d{2}(\d{2}(\d{2}([.,]\d+)?)?)?([Zz]|[+-]\d{2}(:?\d{2})?)?)?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_ZONED = r"(?i)^.{9,}([z]|[+-]\d{2}(:?\d{2})?)$"


def staging_query(table: Table, rules: ReadRules) -> str:
    """One select over the table's relation: typed columns, `_row_hash`, and `_code` if bad."""
    return _Staging(table, rules).query()


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
        self.nulls = [n for n in dict.fromkeys(n.strip(WHITE_SPACE) for n in rules.nulls) if n]

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
            f"select {', '.join(outputs)}, {row}{self._hash()} as _row_hash, _code, _column, "
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
        if kind in _NATIVE or kind == "VARCHAR":
            return source.sql
        return f"cast({source.sql} as varchar)"

    def _kind(self, name: str) -> str:
        """The DuckDB type `r_<name>` has."""
        kind = self.table.columns[name].sql_type
        if kind == "FLOAT":
            return "DOUBLE"
        if kind.startswith("TIMESTAMP") and "ZONE" not in kind:
            return "TIMESTAMP"
        return kind if kind in _NATIVE else "VARCHAR"

    def _cleaned(self) -> str:
        """`t_<column>`: trimmed text, null where empty; only where it is needed for every row."""
        parts = [
            f"{self._clean(c.name)} as {quoted('t_' + c.name)}"
            for c in self.columns
            if c.type is ColumnType.TEXT
        ]
        parts += [
            f"{_trimmed(f'cast(x{i} as varchar)')} as e{i}"
            for i, header in enumerate(self.table.extras)
            if header in self.extras
        ]
        return ", ".join(parts)

    def _clean(self, name: str) -> str:
        raw, kind = quoted("r_" + name), self._kind(name)
        if kind == "DOUBLE":
            whole = f"{raw} = trunc({raw}) and abs({raw}) < 1e15"
            return f"case when {whole} then cast({raw}::bigint as varchar) else {raw}::varchar end"
        if kind != "VARCHAR":
            return f"cast({raw} as varchar)"
        return self._without_nulls(_trimmed(raw))

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
            return self._parsed(column.type, raw, self._clean(column.name))
        return self._cast(column.type, raw, kind)

    def _word(self, column: Column, text: str) -> str:
        words = self.rules.aliases.words(self.table.entity, column.name)
        exact = ", ".join(literal(word) for word in column.vocabulary or ())
        folded = f"lower(regexp_replace(nfc_normalize({text}), '[\\s_\\x{{a0}}\\x{{3000}}]', '', 'g'))"
        cases = " ".join(f"when {literal(a)} then {literal(w)}" for a, w in words.items())
        other = f" else {text}" if column.is_open else ""
        return f"case when {text} in ({exact}) then {text} else case {folded} {cases}{other} end end"

    def _parsed(self, kind: ColumnType, raw: str, clean: str) -> str:
        """Text to value: the usual spelling at full speed, everything else the careful way."""
        careful = {
            ColumnType.INSTANT: self._instant,
            ColumnType.DATE: self._date,
            ColumnType.DECIMAL: _decimal,
            ColumnType.INT: _integer,
            ColumnType.BOOL: _boolean,
        }[kind](f"({clean})")
        if self.rules.date_format or any(len(n) > 10 and n[4] == "-" for n in self.nulls):
            return careful
        if kind is ColumnType.INSTANT:
            is_iso = f"substr({raw}, 5, 1) = '-' and length({raw}) > 10"
            return f"coalesce(case when {is_iso} then try_cast({raw} as timestamptz) end, {careful})"
        return careful

    def _instant(self, text: str) -> str:
        tidy = f"replace(regexp_replace(upper({text}), '\\s+([Z+-])', '\\1'), ',', '.')"
        tidy = f"regexp_replace({tidy}, '^(.{{8,10}}[T ]+\\d{{1,2}})($|[Z+-])', '\\1:00\\2')"
        iso = f"case when regexp_full_match({text}, '{_ISO}') then try_cast({tidy} as timestamptz) end"
        basic = (
            "regexp_replace(regexp_replace(upper({0}), '^(\\d{{4}})(\\d{{2}})(\\d{{2}})', "
            "'\\1-\\2-\\3'), 'T(\\d{{2}})(\\d{{2}})?(\\d{{2}})?', 'T\\1:\\2:\\3')"
        ).format(text)
        basic = f"regexp_replace(replace({basic}, '::', ':00:00'), ':($|[Z+-])', ':00\\1')"
        compact = (
            f"case when regexp_full_match({text}, '{_BASIC}') "
            f"then try_cast({basic} as timestamptz) end"
        )
        return f"coalesce({', '.join([*self._by_format(text), iso, compact])})"

    def _by_format(self, text: str) -> list[str]:
        """The source's own date format, in full and without its time of day."""
        wanted = self.rules.date_format
        if not wanted:
            return []
        day = wanted.split()[0].split("T")[0]
        return [
            f"cast(try_strptime({text}, {literal(one)}) as timestamptz)"
            for one in dict.fromkeys((wanted, day))
            if one
        ]

    def _date(self, text: str) -> str:
        zoned = f"cast({self._instant(text)} as date)"
        plain = f"case when regexp_full_match({text}, '{_ISO}') then try_cast({text} as date) end"
        own = [f"cast({one} as date)" for one in self._by_format(text)]
        return (
            f"case when regexp_matches({text}, '{_ZONED}') and length({text}) > 10 then {zoned} "
            f"else coalesce({', '.join([*own, plain, zoned])}) end"
        )

    def _cast(self, kind: ColumnType, raw: str, have: str) -> str:
        """A typed input's value as ours; null where the types have nothing to do with each other."""
        if kind is ColumnType.INSTANT:
            is_time = have in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE")
            return f"cast({raw} as timestamptz)" if is_time else "null"
        if kind is ColumnType.DATE:
            is_time = have in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE")
            return f"cast({raw} as date)" if is_time else "null"
        if kind is ColumnType.BOOL:
            if have == "BOOLEAN":
                return raw
            return _boolean(f"({_integral_text(raw, have)})")
        if have in ("BOOLEAN", "DATE") or have.startswith("TIMESTAMP"):
            return "null"
        return (_decimal if kind is ColumnType.DECIMAL else _integer)(f"cast({raw} as varchar)")

    def _code(self) -> str:
        """`code|column` of the first thing wrong with a row, null for a good one."""
        cases: list[str] = []
        by_name = {column.name: column for column in self.columns}
        for column in (by_name[name] for name in self.table.entity.key):
            value = quoted(column.name)
            cases.append(
                f"when {value} is null then case when {self._is_blank()} then 'blank|' "
                f"else 'missing_required|{column.name}' end"
            )
        cases += [case for c in self.columns if not c.is_key for case in self._column_cases(c)]
        cases += [case for names, case in _ROW_RULES.get(self.table.entity.name, ())
                  if names <= by_name.keys()]  # fmt: skip
        return f"case {' '.join(cases)} end"

    def _column_cases(self, column: Column) -> list[str]:
        value = quoted(column.name)
        given = (
            f"{quoted('t_' + column.name)} is not null"
            if column.type is ColumnType.TEXT
            else f"({self._clean(column.name)}) is not null"
        )
        code = TYPE_REASONS.get(column.type, "out_of_vocabulary")
        missing = f"'missing_required|{column.name}'" if column.is_required else "null"
        cases = []
        if column.type is not ColumnType.TEXT or column.vocabulary:
            cases.append(f"when {value} is null and {given} then '{code}|{column.name}'")
        if column.is_required:
            cases.append(f"when {value} is null then {missing}")
        if column.type is ColumnType.INSTANT:
            cases.append(
                f"when {value} < timestamptz '{FIRST_INSTANT}' "
                f"or {value} >= timestamptz '{END_OF_INSTANTS}' then 'out_of_range|{column.name}'"
            )
        return cases

    def _is_blank(self) -> str:
        cells = [f"({self._clean(c.name)})" for c in self.columns]
        cells += [_trimmed(f"cast(x{i} as varchar)") for i in range(len(self.table.extras))]
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

    def _hash(self) -> str:
        """Hash of what a row says, the same whatever kind of file says it."""
        said = [
            f"'{c.name}=' || {_canonical(c)} || chr(31)"
            for c in self.table.entity
            if c.name != "version_no"
        ]
        said += [f"{literal(name + '=')} || {quoted(name)} || chr(31)" for name in self.extras]
        return f"left(md5(concat({', '.join(said)})), 16)"


_NATIVE = frozenset({
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "DOUBLE",
    "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
})  # fmt: skip

_ROW_RULES: dict[str, tuple[tuple[set[str], str], ...]] = {
    "requests": (
        (
            {"completed_at"},
            "when completed_at < coalesce(received_at, opened_at) "
            "then 'completed_before_start|completed_at'",
        ),
    ),
    "survey_responses": (
        (
            set(),
            "when coalesce(scale_max, 5) <= coalesce(scale_min, 1) then 'bad_scale|scale_max'",
        ),
        (
            set(),
            "when score < coalesce(scale_min, 1) or score > coalesce(scale_max, 5) "
            "then 'score_out_of_scale|score'",
        ),
    ),
}


def _trimmed(text: str) -> str:
    """Text without white space around it, null when nothing is left; cheap where there is none."""
    is_tight = (
        f"ascii({text}) not in (0, {_WHITE_CODES}) and right({text}, 1) not in ({_WHITE_LIST})"
    )
    return f"case when {is_tight} then {text} else nullif(trim({text}, {literal(WHITE_SPACE)}), '') end"


def _canonical(column: Column) -> str:
    name = quoted(column.name)
    return f"epoch_us({name})" if column.type is ColumnType.INSTANT else f"{name}::varchar"


def _integral_text(raw: str, have: str) -> str:
    return f"cast(cast({raw} as bigint) as varchar)" if have == "DOUBLE" else f"{raw}::varchar"


def _decimal(text: str) -> str:
    value = f"try_cast({text} as double)"
    return (
        f"case when regexp_full_match({text}, '{_NUMBER}') and isfinite({value}) "
        f"then {value} + 0.0 end"
    )


def _integer(text: str) -> str:
    is_whole = f"regexp_full_match({text}, '[+-]?\\d+(\\.0*)?')"
    return f"case when {is_whole} then try_cast(split_part({text}, '.', 1) as bigint) end"


def _boolean(text: str) -> str:
    def among(words: tuple[str, ...]) -> str:
        return ", ".join(literal(word) for word in words)

    folded = f"lower({text})"
    return (
        f"case when {folded} in ({among(TRUE_WORDS)}) then true "
        f"when {folded} in ({among(FALSE_WORDS)}) then false end"
    )
