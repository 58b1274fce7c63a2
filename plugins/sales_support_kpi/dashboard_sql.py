"""What the dashboards say, as SQL: the words, signs and digits of the scorecard, once.

`report.labels` and `report.formatting` → expressions for DuckDB, by name in Superset's templates

Superset's own Python imports this module, so it needs nothing but the standard library. Texts in
tables follow the language filter (`en`); what filters offer is in both languages at once.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from sales_support_kpi.dashboard_words import (
    AGES,
    DIMENSIONS,
    KINDS,
    LANDINGS,
    OUTCOMES,
    REASONS,
    REQUEST_STATUSES,
    SEVERITIES,
    UNITS,
    WEEKDAYS,
    WITHIN,
    signed,
)
from sales_support_kpi.report.digits import MOST_DIGITS, UNCHANGED
from sales_support_kpi.report.formatting import NOTHING, change_suffix, suffix
from sales_support_kpi.report.labels import STATUS_SYMBOLS, WORDS
from sales_support_kpi.report.model import LANGS, Lang, Status


def status_text(status: str, *, en: bool) -> str:
    """Sign and word of a status; no row has no data."""
    words = {s.value: (signed(s, "ko"), signed(s, "en")) for s in Status}
    return _cases(f"coalesce({status}, 'no_data')", words, en=en)


def number_text(value: str, *, en: bool, unit: str = "k.unit") -> str:
    """A value with its unit, as `format_value` says it."""
    return (
        f"(case when {value} is null then '{NOTHING}'"
        f" when {unit} = 'count' and {value} = floor({value}) then {_number(value, 0)}"
        f" else {_number(scaled(value, unit), 1)} || {_suffix(unit, en=en)} end)"
    )


def value_text(value: str, target: str, status: str, *, en: bool, unit: str = "k.unit") -> str:
    """A judged value: never rounded onto the target it missed, as `format_row_value`."""
    mine, its = scaled(value, unit), scaled(target, unit)
    is_count = f"{unit} = 'count' and {value} = floor({value})"
    digits = [
        f"when {'true' if count else is_count}"
        f" and {_rounded(mine, count)} <> {_rounded(its, count)} then {_number(mine, count)}"
        for count in range(MOST_DIGITS)
    ]
    return (
        f"(case when {value} is null or {target} is null or {status} not in ('at_risk', 'missed')"
        f" then {number_text(value, en=en, unit=unit)}"
        f" else case {' '.join(digits)} else {_number(mine, MOST_DIGITS)} end"
        f" || {_suffix(unit, en=en)} end)"
    )


def target_text(target: str, *, en: bool, unit: str = "k.unit", better: str = "k.better") -> str:
    """A target with its direction and the digits it was set with, as `format_target`."""
    value = scaled(target, unit)
    is_whole = f"{unit} in ('ratio', 'count')"
    digits = [
        f"when {'true' if count else is_whole}"
        f" and abs({_rounded(value, count)}::double - {value}) < {UNCHANGED}"
        f" then {_number(value, count)}"
        for count in range(MOST_DIGITS)
    ]
    return (
        f"(case when {target} is null then '{NOTHING}'"
        f" else case {better} when 'higher' then '≥ ' else '≤ ' end"
        f" || case {' '.join(digits)} else {_number(value, MOST_DIGITS)} end"
        f" || {_suffix(unit, en=en)} end)"
    )


def change_text(change: str, *, en: bool, unit: str = "k.unit") -> str:
    """A difference with its sign; ratios in percentage points, as `format_change`."""
    value = scaled(change, unit)
    is_count = f"{unit} = 'count' and {change} = floor({change})"
    digits = [
        f"when {'true' if count else is_count} and {_rounded(value, count)} <> 0"
        f" then {_number(value, count)}"
        for count in range(MOST_DIGITS)
    ]
    return (
        f"(case when {change} is null then '{NOTHING}' when abs({change}) < {UNCHANGED} then '='"
        f" else case when {change} > 0 then '+' else '' end"
        f" || case {' '.join(digits)} else {_number(value, MOST_DIGITS)} end"
        f" || {_by_unit(change_suffix, unit, en=en)} end)"
    )


def interval_text(low: str, high: str, *, en: bool, unit: str = "k.unit") -> str:
    """An interval as far as the unit reaches, as `format_interval`."""
    least = f"case {unit} when 'score' then 1 else 0 end"
    most = f"case {unit} when 'ratio' then 1 when 'score' then 5 else 'infinity'::double end"
    ends = (f"greatest({low}, {least})", f"least({high}, {most})")
    first, last = (
        _number(scaled(f"least(greatest({end}, {least}), {most})", unit), 1) for end in ends
    )
    return (
        f"(case when {low} is null or {high} is null then '{NOTHING}'"
        f" else {first} || '–' || {last} || {_suffix(unit, en=en)} end)"
    )


def attainment_percent(attainment: str) -> str:
    """Whole percent of the target; short of it is never rounded onto it."""
    percent = f"100 * {attainment}"
    return (
        f"(case when {attainment} < 1 then floor({percent} + {UNCHANGED})"
        f" else {_rounded(percent, 0)}::double end)"
    )


def attainment_text(attainment: str, *, en: bool) -> str:
    """The same as a text, as `format_attainment`."""
    percent = f"format('{{:,.0f}}', {attainment_percent(attainment)})"
    return nothing_or(f"{percent} || '{suffix('ratio', _lang(en=en))}'")


def scaled(value: str, unit: str = "k.unit") -> str:
    """A number to draw: ratios in percent."""
    return f"(case when {unit} = 'ratio' then 100 else 1 end * ({value}))"


def unit_text(*, en: bool, unit: str = "k.unit") -> str:
    """What an axis is in."""
    words = {name: (UNITS["ko"][name], UNITS["en"][name]) for name in UNITS["ko"]}
    return _cases(unit, words, en=en)


def period_text(grain: str, start: str) -> str:
    """A period as people write it: `2026`, `2026-Q4`, `2026-10`, `2026-W44`, `2026-10-31`."""
    return (
        f"(case {grain} when 'year' then strftime({start}, '%Y')"
        f" when 'quarter' then strftime({start}, '%Y') || '-Q' || quarter({start})"
        f" when 'month' then strftime({start}, '%Y-%m')"
        f" when 'week' then strftime({start}, '%G-W%V')"
        f" else strftime({start}, '%Y-%m-%d') end)"
    )


def company() -> str:
    """What the filter calls the whole company, in both languages."""
    return " · ".join(WORDS[lang]["company"] for lang in LANGS)


def scope_text(kind: str = "v.scope_type", name: str = "v.scope_id") -> str:
    """The company or a team, as the filter offers it."""
    return f"(case {kind} when 'company' then {_quoted(company())} else {name} end)"


def kpi_label() -> str:
    """A KPI as the filter offers it, in both languages."""
    return "(k.number || ' ' || k.name_ko || ' · ' || k.name_en)"


def kpi_text(*, en: bool) -> str:
    """A KPI's number and name."""
    return f"(k.number || ' ' || {'k.name_en' if en else 'k.name_ko'})"


def people() -> str:
    """A common table expression: each employee's last name and team."""
    return (
        "people as (select employee_id, last(name order by valid_from) as name,"
        " last(team order by valid_from) as team from dim_employees group by employee_id)"
    )


def person_text(name: str, employee_id: str, *, en: bool) -> str:
    """Name and id, the id alone, or nobody."""
    nobody = "nobody" if en else "담당 없음"
    return f"coalesce({name} || ' (' || {employee_id} || ')', {employee_id}, '{nobody}')"


def outcome_text(outcome: str, *, en: bool) -> str:
    """Sign and word of a check's result."""
    words = {
        name: tuple(f"{STATUS_SYMBOLS[sign]} {word}" for word in pair)
        for name, (sign, *pair) in OUTCOMES.items()
    }
    return _cases(outcome, {name: (ko, english) for name, (ko, english) in words.items()}, en=en)


def severity_text(severity: str, *, en: bool) -> str:
    """How grave a failed check is."""
    return _cases(severity, SEVERITIES, en=en)


def reason_text(reason: str, *, en: bool) -> str:
    """Why there is no projection."""
    return f"'{NOTHING} ' || {_cases(reason, REASONS, en=en)}"


def kind_text(kind: str, *, en: bool) -> str:
    """A request's kind; whatever is not known is another one."""
    return _cases(kind, KINDS, en=en, other=_quoted("other" if en else "기타"))


def dimension_text(dimension: str) -> str:
    """What a difference is split by, as the filter offers it."""
    both = {name: (f"{ko} · {english}",) * 2 for name, (ko, english) in DIMENSIONS.items()}
    return _cases(dimension, both, en=True)


def weekday_text(weekday: str, *, en: bool) -> str:
    """An ISO weekday."""
    words = {str(day): (WEEKDAYS["ko"][day - 1], WEEKDAYS["en"][day - 1]) for day in range(1, 8)}
    return _cases(f"({weekday})::varchar", words, en=en)


def stale_text(is_stale: str, *, en: bool) -> str:
    """Whether what a source delivered is up to date."""
    current = f"{STATUS_SYMBOLS[Status.MET]} {'current' if en else '정상'}"
    stale = f"{STATUS_SYMBOLS[Status.AT_RISK]} {WORDS[_lang(en=en)]['stale']}"
    return f"(case when {is_stale} then {_quoted(stale)} else {_quoted(current)} end)"


def tied_text(is_tied: str, *, en: bool) -> str:
    """Whether counts and sums tie; nothing is said of what is shown only."""
    tied = f"{STATUS_SYMBOLS[Status.MET]} {'tied' if en else '일치'}"
    differs = f"{STATUS_SYMBOLS[Status.MISSED]} {'differs' if en else '불일치'}"
    judged = f"when true then {_quoted(tied)} when false then {_quoted(differs)}"
    return f"(case {is_tied} {judged} else {_quoted(NOTHING)} end)"


def landed_text(outcome: str, *, en: bool) -> str:
    """What came of a source's last load."""
    return _cases(outcome, LANDINGS, en=en)


def request_status_text(status: str, *, en: bool) -> str:
    """Where a request stands."""
    return _cases(status, REQUEST_STATUSES, en=en)


def due_text(hours_left: str, status: str, *, en: bool) -> str:
    """Of an open request with a deadline: over it, running towards it, or waiting."""
    over = f"{STATUS_SYMBOLS[Status.MISSED]} {'overdue' if en else '기한 초과'}"
    stopped = f"{STATUS_SYMBOLS[Status.NO_TARGET]} {'waiting' if en else '대기 중'}"
    running = f"{STATUS_SYMBOLS[Status.AT_RISK]} {'running' if en else '남음'}"
    return (
        f"(case when {hours_left} < 0 then {_quoted(over)}"
        f" when {status} = 'waiting' then {_quoted(stopped)} else {_quoted(running)} end)"
    )


def within_text(hours: str, target: str, numerator: str, *, en: bool, unit: str = "k.unit") -> str:
    """Of a record with a clock: within its KPI's target or over it; null where there is none."""
    within, over = (_quoted(f"{STATUS_SYMBOLS[sign]} {words[en]}") for sign, *words in WITHIN)
    return (
        f"(case when {hours} is null or {target} is null then null"
        f" when {unit} = 'hours' and {hours} <= {target} or {unit} = 'ratio' and {numerator} >= 1"
        f" then {within} else {over} end)"
    )


def age_class(days: str, of: str) -> str:
    """Which age, from 1 for the youngest; none where there are no days."""
    bounds = " ".join(
        f"when {days} < {bound} then {number}" for number, bound in enumerate(AGES[of], start=1)
    )
    return f"(case when {days} is null then null {bounds} else {len(AGES[of]) + 1} end)"


def age_text(number: str, of: str, *, en: bool) -> str:
    """An age class as an axis shows it, the youngest first."""
    bounds, days = AGES[of], " d" if en else "일"
    names = [f"< {bounds[0]}{days}"]
    names += [f"{low}–{high}{days}" for low, high in pairwise(bounds)]
    names += [f"≥ {bounds[-1]}{days}"]
    words = {str(place): (name, name) for place, name in enumerate(names, start=1)}
    text = _cases(f"({number})::varchar", words, en=en)
    return axis_text(text, f"{len(names)} - {number}")


def axis_text(text: str, spaces: str | None = None) -> str:
    """A text that charts sort by its place: they sort by the letters, and a space is the first.

    Args:
        text: begins with a KPI's number where `spaces` is not given.
        spaces: how many, fewer for each next one.
    """
    if spaces is None:
        spaces = f"case when regexp_matches({text}, '^\\d\\d') then 0 else 1 end"
    return f"repeat(' ', ({spaces})::integer) || {text}"


def nothing_or(text: str) -> str:
    """A text, or the dash that stands for no data."""
    return f"coalesce({text}, '{NOTHING}')"


HELPERS: Final = {
    helper.__name__: helper
    for helper in (
        age_class, age_text, attainment_percent, attainment_text, axis_text, change_text, company,
        dimension_text, due_text, interval_text, kind_text, kpi_label, kpi_text, landed_text,
        nothing_or, number_text, outcome_text, people, period_text, person_text, reason_text,
        request_status_text, scaled, scope_text, severity_text, stale_text, status_text,
        target_text, tied_text, unit_text, value_text, weekday_text, within_text,
    )
}  # fmt: skip


def _lang(*, en: bool) -> Lang:
    return "en" if en else "ko"


def _suffix(unit: str, *, en: bool) -> str:
    return _by_unit(suffix, unit, en=en)


def _by_unit(said: Callable[[str, Lang], str], unit: str, *, en: bool) -> str:
    whens = (
        f"when '{name}' then '{text}'" for name in UNITS["en"] if (text := said(name, _lang(en=en)))
    )
    return f"case {unit} {' '.join(whens)} else '' end"


def _rounded(value: str, digits: int) -> str:
    """Halves away from zero, of what the number says in decimal: as `digits.rounded`."""
    return f"round(printf('%.15g', ({value})::double)::decimal(38, 15), {digits})"


def _number(value: str, digits: int) -> str:
    """With so many digits, thousands parted, zero without a sign."""
    return f"format('{{:,.{digits}f}}', {_rounded(value, digits)}::double)"


def _cases(
    value: str, words: dict[str, tuple[str, str]], *, en: bool, other: str | None = None
) -> str:
    whens = " ".join(
        f"when {_quoted(name)} then {_quoted(pair[en])}" for name, pair in words.items()
    )
    return f"(case {value} {whens} else {other or value} end)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
