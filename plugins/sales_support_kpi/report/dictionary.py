"""The KPI dictionary: `config/kpis.yml + unit tests of dbt_project → docs/kpis.md, kpis.ko.md`.

Run alone: `python -m sales_support_kpi.report.dictionary` writes both pages.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sales_support_kpi.alias_table import COLUMNS, COMMON_COLUMNS, SHEETS, WORDS
from sales_support_kpi.config import Config, load_config
from sales_support_kpi.config.kpis import Kpi, Target
from sales_support_kpi.report.formatting import NOTHING, format_value
from sales_support_kpi.report.model import Lang
from sales_support_kpi.report.worked_examples import (
    Row,
    WorkedExample,
    example_of,
    instant,
    is_date,
    is_instant,
    models,
)
from sales_support_kpi.settings import repo_root, shipped_config_dir

PAGES: Final[dict[Lang, str]] = {"en": "kpis.md", "ko": "kpis.ko.md"}
HIDDEN: Final = frozenset({"source", "load_seq", "is_tombstone", "known_from", "aggregation"})
SHEET_OF: Final = {"employee_history": "employees"}
RESULT_COLUMNS: Final = (
    "part", "record_id", "kind", "occurred_at", "visible_from", "visible_until",
    "numerator", "denominator", "employee_ref",
)  # fmt: skip
LABELS: Final[dict[str, dict[Lang, str]]] = {
    "record_id": {"en": "record", "ko": "기록"},
    "kind": {"en": "kind", "ko": "구분"},
    "part": {"en": "part", "ko": "부분"},
    "occurred_at": {"en": "placed at", "ko": "집계 시각"},
    "visible_from": {"en": "known from", "ko": "확정 시각"},
    "visible_until": {"en": "until", "ko": "대체 시각"},
    "numerator": {"en": "numerator", "ko": "분자"},
    "denominator": {"en": "denominator", "ko": "분모"},
    "employee_ref": {"en": "employee", "ko": "담당자"},
    "counts": {"en": "counts", "ko": "집계"},
    "valid_from": {"en": "as of", "ko": "변경 시각"},
    "covers_from": {"en": "from", "ko": "부터"},
    "exists_until": {"en": "until", "ko": "까지"},
}
SAID: Final[dict[str, dict[Lang, str]]] = {
    "hours": {"en": "hours (mean)", "ko": "시간(평균)"},
    "ratio": {"en": "ratio", "ko": "비율"},
    "score": {"en": "score from 1 to 5 (mean)", "ko": "1~5점(평균)"},
    "count": {"en": "count", "ko": "건수"},
    "higher": {"en": "higher is better", "ko": "높을수록 좋음"},
    "lower": {"en": "lower is better", "ko": "낮을수록 좋음"},
    "business": {"en": "business hours", "ko": "영업시간"},
    "calendar": {"en": "elapsed hours", "ko": "실제 경과 시간"},
    "flow": {
        "en": "flow: what happened in the period",
        "ko": "흐름: 기간 안에 일어난 일을 센다",
    },
    "stock": {
        "en": "stock: the state at the end of the period",
        "ko": "잔량: 기간 말의 상태를 센다",
    },
    "flow+stock": {
        "en": "flow and stock: what happened in the period, and the state at its end",
        "ko": "흐름+잔량: 기간 안에 일어난 일과 기간 말의 상태를 함께 센다",
    },
    "month_end": {
        "en": "month-end: judged once a month, just before the month ends",
        "ko": "월말: 한 달에 한 번, 월말 직전에 판정한다",
    },
    "default": {"en": "our default, still to be agreed", "ko": "기본값, 합의 필요"},
    "proposed": {"en": "proposed, still to be agreed", "ko": "제안, 합의 필요"},
    "day": {"en": "per day", "ko": "일 단위"},
    "week": {"en": "per week", "ko": "주 단위"},
    "month": {"en": "per month", "ko": "월 단위"},
    "quarter": {"en": "per quarter", "ko": "분기 단위"},
    "year": {"en": "per year", "ko": "연 단위"},
    "yes": {"en": "yes", "ko": "예"},
    "no": {"en": "no", "ko": "아니오"},
    "always": {"en": "always", "ko": "처음"},
    "optional": {"en": " (if there)", "ko": "(있으면)"},
}
WEEKDAYS: Final[dict[Lang, str]] = {
    "en": "Mon Tue Wed Thu Fri Sat Sun",
    "ko": "월 화 수 목 금 토 일",
}
ALWAYS_YEAR: Final = 1900


def dictionary(config: Config, lang: Lang) -> str:
    """One page of the dictionary."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sales_support_kpi.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the page is Markdown
    )
    zone = ZoneInfo(config.company.timezone)
    sections = [_section(kpi, lang, zone) for kpi in config.kpis]
    return environment.get_template(f"dictionary.{lang}.md.j2").render(sections=sections)


def _section(kpi: Kpi, lang: Lang, zone: ZoneInfo) -> dict[str, Any]:
    model = models()[f"measure_{kpi.id}"]
    meta = model["config"]["meta"]
    example = example_of(kpi.id)
    columns = {column["name"]: column["description"] for column in model["columns"]}
    question = {"en": model["description"].partition("?")[0] + "?", "ko": meta["question_ko"]}
    counts_for = {"en": columns["employee_ref"].rstrip("."), "ko": meta["counts_for_ko"]}
    return {
        "id": kpi.id,
        "number": kpi.number,
        "name": getattr(kpi.name, lang),
        "other_name": getattr(kpi.name, "en" if lang == "ko" else "ko"),
        "question": " ".join(question[lang].split()),
        "definition": " ".join(getattr(kpi.definition, lang).split()),
        "formula": meta["formula"][lang],
        "excluded": meta["excluded"][lang],
        "counts_for": counts_for[lang],
        "unit": f"{SAID[kpi.unit][lang]}, {SAID[kpi.better][lang]}",
        "clock": SAID[kpi.clock][lang] if kpi.clock else NOTHING,
        "aggregation": SAID[kpi.aggregation][lang],
        "params": [f"`{name}`: {_param(value)}" for name, value in kpi.params.items()],
        "target": "; ".join(_target(kpi, target, lang) for target in kpi.targets),
        "tolerance": format_value(kpi.tolerance, "ratio", lang, 0),
        "entities": [_entity(name, lang, name in kpi.required) for name in kpi.entities],
        "said": "\n\n".join(example.said(lang)),
        "inputs": [
            {"name": _sheet(name, lang), "table": _table(name, rows, lang, zone)}
            for name, rows in example.inputs.items()
        ],
        "result": _result(example, lang, zone),
        "as_of": _moment(example.as_of, lang, zone),
        "sum": _sum(kpi, example, lang),
    }


def _param(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else f"{value}"


def _target(kpi: Kpi, target: Target, lang: Lang) -> str:
    sign = "≥" if kpi.better == "higher" else "≤"
    notes = [SAID[key][lang] for key in (target.grain, target.basis) if key in SAID]
    if target.scope_type != "any":
        notes.append(target.scope)
    value = format_value(target.value, kpi.unit, lang, {"ratio": 0}.get(kpi.unit))
    return f"{sign} {value}" + (f" ({', '.join(notes)})" if notes else "")


def _entity(name: str, lang: Lang, is_required: bool) -> str:
    note = "" if is_required else SAID["optional"][lang]
    return f"{_sheet(name, lang)}{note}"


def _sheet(name: str, lang: Lang) -> str:
    name = SHEET_OF.get(name, name)
    return f"{SHEETS[name][0]} `{name}`" if lang == "ko" else f"`{name}`"


def _sum(kpi: Kpi, example: WorkedExample, lang: Lang) -> str:
    value = format_value(example.value, kpi.unit, lang, {"hours": 3, "score": 2}.get(kpi.unit))
    if example.denominator is None:
        return f"**{value}**"
    return f"{example.numerator:g} ÷ {example.denominator:g} = **{value}**"


def _result(example: WorkedExample, lang: Lang, zone: ZoneInfo) -> str:
    rows = example.test.expected
    columns = [
        name
        for name in RESULT_COLUMNS
        if any(row.get(name) is not None for row in rows)
        and not (name == "visible_from" and all(r[name] == r["occurred_at"] for r in rows))
    ]
    body = [
        [_cell("", name, row.get(name), lang, zone) for name in columns]
        + ["✓" if example.counts(row) else NOTHING]
        for row in rows
    ]
    return _markdown([LABELS[name][lang] for name in (*columns, "counts")], body)


def _table(entity: str, rows: Sequence[Row], lang: Lang, zone: ZoneInfo) -> str:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [n for n in names if n not in HIDDEN and any(r.get(n) is not None for r in rows)]
    if "updated_at" in columns and "valid_from" in columns:
        columns.remove("valid_from")
    body = [[_cell(entity, name, row.get(name), lang, zone) for name in columns] for row in rows]
    return _markdown([_label(entity, name, lang) for name in columns], body)


def _label(entity: str, column: str, lang: Lang) -> str:
    if lang == "ko":
        known = COLUMNS[SHEET_OF.get(entity, entity)].get(column) or COMMON_COLUMNS.get(column)
        if known:
            return known[0]
    if column in LABELS and entity in ("customers", "employee_history", "opportunities"):
        return LABELS[column][lang]
    return column.removesuffix("_id").replace("_", " ")


def _cell(entity: str, column: str, value: object, lang: Lang, zone: ZoneInfo) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return SAID["yes" if value else "no"][lang]
    if isinstance(value, str) and is_instant(value):
        return _moment(instant(value), lang, zone)
    if is_date(value):
        return f"{value}"
    if isinstance(value, int | float):
        return f"{value:,g}" if abs(value) < 1e6 else f"{value:,.0f}"
    words: Mapping[str, tuple[str, ...]] = WORDS.get((entity, column), {})
    text = str(value)
    return words[text][0] if lang == "ko" and text in words else text


def _moment(moment: datetime, lang: Lang, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    if local.year == ALWAYS_YEAR:
        return SAID["always"][lang]
    weekday = WEEKDAYS[lang].split()[local.weekday()]
    if lang == "ko":
        return f"{local:%Y-%m-%d}({weekday}) {local:%H:%M}"
    return f"{weekday} {local:%Y-%m-%d %H:%M}"


def _markdown(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    rows = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write(docs: Path) -> list[Path]:
    """Write both pages; the ones written are returned."""
    config = load_config(shipped_config_dir())
    paths = []
    for lang, name in PAGES.items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dictionary(config, lang), encoding="utf-8")
        paths.append(path)
    return paths


if __name__ == "__main__":
    for written in write(repo_root() / "docs"):
        sys.stderr.write(f"wrote {written}\n")
