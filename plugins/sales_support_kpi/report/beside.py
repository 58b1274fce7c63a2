"""What stands beside a value: is it noise, what does the average hide, where will it land.

published night (`kpi_signals`, `kpi_tails`, `kpi_projections`) → facts of one cell → sentences
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sales_support_kpi.report.formatting import format_value
from sales_support_kpi.report.labels import status_label
from sales_support_kpi.report.model import Lang, Scope, Status
from sales_support_kpi.report.periods import Period
from sales_support_kpi.report.published import Reader

_TABLES: Final = {
    "signal": (
        "kpi_signals",
        ("signal", "is_favourable", "point_count", "centre", "lower", "upper", "run_length"),
    ),
    "tail": (
        "kpi_tails",
        ("median_hours", "p90_hours", "share_within_target", "waiting_share", "open_count",
         "open_median_business_hours", "open_max_business_hours", "answered_count", "asked_count",
         "response_rate"),
    ),
    "projection": (
        "kpi_projections",
        ("elapsed_share", "expected_rest", "needed", "is_reachable", "projected", "low_80",
         "high_80", "low_95", "high_95", "expected_status", "is_certain", "points", "method",
         "reason"),
    ),
}  # fmt: skip
_WORDS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "title": "함께 볼 값",
        "none": "관리 한계 {limits} 안: 우연일 수 있는 변화",
        "outside_above": "관리 한계 {limits} 밖(위): 우연이 아님",
        "outside_below": "관리 한계 {limits} 밖(아래): 우연이 아님",
        "run_above": "평균 {centre} 위로 {run}번 연속: 우연이 아님",
        "run_below": "평균 {centre} 아래로 {run}번 연속: 우연이 아님",
        "jump": "직전 기간과의 차이가 평소보다 큼 (관리 한계 {limits})",
        "too_few_points": "우연인지 판단하기에는 기간이 {count}개뿐 (8개 필요)",
        "tail": "중앙값 {median}, p90 {p90}",
        "within": "목표 이내 {share}",
        "waiting": "대기 시간 비율 {share}",
        "open": "기간 말 열린 건 {count}건",
        "open_age": "그 경과 시간 중앙값 {median}, 최장 {longest}(근무 시간)",
        "response": "응답률 {rate} ({answered}/{asked})",
        "lands": "전망 {value} (80% 구간 {low}–{high}) → {status}",
        "needed_more": "목표까지 {needed}건 더",
        "needed_rate": "목표까지 남은 기간에 {needed} 필요",
        "unreachable": "목표는 더 이상 닿지 않음",
        "no_projection": "전망 없음: 배울 자료가 부족",
    },
    "en": {
        "title": "Beside it",
        "none": "within the control limits {limits}: the change may be chance",
        "outside_above": "above the control limits {limits}: not by chance",
        "outside_below": "below the control limits {limits}: not by chance",
        "run_above": "{run} in a row above the mean {centre}: not by chance",
        "run_below": "{run} in a row below the mean {centre}: not by chance",
        "jump": "a larger step from the period before than usual (control limits {limits})",
        "too_few_points": "chance or not cannot be told from {count} periods (8 needed)",
        "tail": "median {median}, p90 {p90}",
        "within": "{share} within the target",
        "waiting": "{share} of the time waiting",
        "open": "{count} open at the end",
        "open_age": "median age {median}, oldest {longest} (working hours)",
        "response": "response rate {rate} ({answered} of {asked})",
        "lands": "will land at {value} (80 % interval {low} to {high}) → {status}",
        "needed_more": "{needed} more reach the target",
        "needed_rate": "the rest has to reach {needed} to meet the target",
        "unreachable": "the target is out of reach",
        "no_projection": "no projection: too little to learn from",
    },
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What the three tables say of a cell; empty where one says nothing."""

    signal: dict[str, Any] = field(default_factory=dict)
    tail: dict[str, Any] = field(default_factory=dict)
    projection: dict[str, Any] = field(default_factory=dict)


def load_beside(reader: Reader, period: Period, scope: Scope) -> dict[str, Beside]:
    """KPI → what stands beside its value; a night of an earlier version may not have it."""
    found = {name: _facts(reader, name, period, scope) for name in _TABLES}
    kpi_ids = {kpi_id for facts in found.values() for kpi_id in facts}
    return {
        kpi_id: Beside(**{name: facts.get(kpi_id, {}) for name, facts in found.items()})
        for kpi_id in kpi_ids
    }


def title(lang: Lang) -> str:
    """What the sentences are called together."""
    return _WORDS[lang]["title"]


def sentences(beside: Beside, unit: str, lang: Lang) -> list[str]:
    """Up to three: signal, tail, projection."""
    said = (
        _signal(beside.signal, unit, lang),
        _tail(beside.tail, lang),
        _projection(beside.projection, unit, lang),
    )
    return [sentence for sentence in said if sentence]


def _facts(reader: Reader, name: str, period: Period, scope: Scope) -> dict[str, dict[str, Any]]:
    table, columns = _TABLES[name]
    there = reader.columns(table)
    known = [column for column in columns if column in there]
    if not known:
        return {}
    found = reader.select(
        f"select kpi_id, {', '.join(known)} from {table} where grain = ?"
        " and period_start = ? and scope_type = ? and scope_id = ?",
        [str(period.grain), period.start, scope.type, scope.id],
    )
    return {str(facts.pop("kpi_id")): facts for facts in found}


def _signal(facts: dict[str, Any], unit: str, lang: Lang) -> str:
    words = _WORDS[lang]
    if facts.get("signal") not in words:
        return ""  # an open period, or one without data, is not judged
    return words[facts["signal"]].format(
        limits=_span(facts.get("lower"), facts.get("upper"), unit, lang),
        centre=format_value(facts.get("centre"), unit, lang),
        run=facts.get("run_length"),
        count=facts.get("point_count"),
    )


def _tail(facts: dict[str, Any], lang: Lang) -> str:
    words, parts = _WORDS[lang], []

    def hours(name: str) -> str:
        return format_value(facts[name], "hours", lang)

    def share(name: str) -> str:
        return format_value(facts[name], "ratio", lang, 0)

    if facts.get("median_hours") is not None:
        parts.append(words["tail"].format(median=hours("median_hours"), p90=hours("p90_hours")))
    if facts.get("share_within_target") is not None:
        parts.append(words["within"].format(share=share("share_within_target")))
    if facts.get("waiting_share") is not None:
        parts.append(words["waiting"].format(share=share("waiting_share")))
    if facts.get("open_count") is not None:
        parts.append(words["open"].format(count=facts["open_count"]))
    if facts.get("open_max_business_hours") is not None:
        median, longest = hours("open_median_business_hours"), hours("open_max_business_hours")
        parts.append(words["open_age"].format(median=median, longest=longest))
    if facts.get("response_rate") is not None:
        parts.append(
            words["response"].format(
                rate=share("response_rate"),
                answered=facts["answered_count"],
                asked=facts["asked_count"],
            )
        )
    return ", ".join(parts)


def _projection(facts: dict[str, Any], unit: str, lang: Lang) -> str:
    words = _WORDS[lang]
    if not facts or facts.get("elapsed_share") == 1.0:
        return ""  # what has ended lands where it stands
    if facts.get("projected") is None:
        return words["no_projection"]
    said = words["lands"].format(
        value=format_value(facts["projected"], unit, lang),
        low=format_value(facts["low_80"], unit, lang),
        high=format_value(facts["high_80"], unit, lang),
        status=status_label(Status(facts["expected_status"]), lang),
    )
    if facts.get("needed") is None:
        return said
    if not facts["is_reachable"]:
        return f"{said}, {words['unreachable']}"
    if unit == "count":
        more = words["needed_more"].format(needed=format_value(facts["needed"], unit, lang))
        return f"{said}, {more}" if facts["needed"] > 0 else said
    return (
        f"{said}, {words['needed_rate'].format(needed=format_value(facts['needed'], unit, lang))}"
    )


def _span(low: float | None, high: float | None, unit: str, lang: Lang) -> str:
    """`1.4–3.1 h`: the unit once."""
    first, second = format_value(low, unit, lang), format_value(high, unit, lang)
    bare = first.rstrip(" %h시간") if unit in ("hours", "ratio") else first
    return f"{bare}–{second}"
