"""Why a value differs, in words: Korean and English."""

from typing import Final

from sales_support_kpi.aliases import word_label
from sales_support_kpi.report import labels
from sales_support_kpi.report.explain_figures import Figures, Line
from sales_support_kpi.report.explain_model import DimensionSplit, Explanation
from sales_support_kpi.report.explain_split import Effect, Group
from sales_support_kpi.report.formatting import format_value
from sales_support_kpi.report.model import Lang
from sales_support_kpi.report.periods import Grain, Period

_NAMED_GROUPS: Final = 3

WORDS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "part": "부분", "kind": "종류", "channel": "채널", "priority": "우선순위",
        "segment": "세그먼트", "team": "팀", "employee": "담당자",
        "none": "(없음)", "others": "그 밖의 {count}개 그룹", "target_line": "목표",
        "share": "비중", "rate": "실적", "count": "건수", "rate_effect": "실적 효과",
        "mix_effect": "비중 효과", "effect": "효과", "total": "합계",
        "target": "목표", "still_open": "아직 진행 중인 기간: {period}",
        "why": "{than} {by} {how} 이유",
        "by_dimension": "{dimension}별",
        "chosen": "{dimension}별로 나눔: 차이가 가장 적은 그룹에 몰린 기준 (집중도 {share})",
        "others_are": "다른 기준: {list} — --by 로 선택",
        "records": "차이를 만든 건 (전부는 kpi rows {command})",
        "legend": "실적 효과 = 그룹 자체의 변화 · 비중 효과 = 그룹이 차지하는 비중의 변화",
        "differs": "원자료의 합이 발행된 값과 다름: 알려 주세요",
        "new": "새로 생김", "gone": "없어짐", "more": "비중 증가", "less": "비중 감소",
        "better": "개선", "worse": "악화", "value": "값", "unit": "단위",
        "period": "기간", "versus": "비교", "sheet": "이유", "sheet_records": "건별",
    },
    "en": {
        "part": "part", "kind": "kind", "channel": "channel", "priority": "priority",
        "segment": "segment", "team": "team", "employee": "employee",
        "none": "(none)", "others": "{count} other groups", "target_line": "the target",
        "share": "Share", "rate": "Value", "count": "Count", "rate_effect": "Rate",
        "mix_effect": "Mix", "effect": "Effect", "total": "Total",
        "target": "target", "still_open": "{period} is still open",
        "why": "Why {by} {how} {than}",
        "by_dimension": "by {dimension}",
        "chosen": "Split by {dimension}, where the fewest groups make the difference"
        " (concentration {share})",
        "others_are": "Other splits: {list} (choose with --by)",
        "records": "Records behind it (all: kpi rows {command})",
        "legend": "Rate: the group itself changed · Mix: it became more or less of all cases",
        "differs": "the rows do not sum up to the published values: please report this",
        "new": "new", "gone": "no longer there", "more": "more of the cases",
        "less": "less of the cases",
        "better": "better", "worse": "worse", "value": "Value", "unit": "Unit",
        "period": "Period", "versus": "Compared with", "sheet": "Why", "sheet_records": "Records",
    },
}  # fmt: skip

# By unit: (more, less) than another period, than a target, and of one group's own value.
_HOW: Final[dict[Lang, dict[str, tuple[tuple[str, str], ...]]]] = {
    "ko": {
        "hours": (("늘어난", "줄어든"), ("긴", "짧은"), ("느려짐", "빨라짐")),
        "ratio": (("높아진", "낮아진"), ("높은", "낮은"), ("높아짐", "낮아짐")),
        "score": (("높아진", "낮아진"), ("높은", "낮은"), ("높아짐", "낮아짐")),
        "count": (("늘어난", "줄어든"), ("많은", "적은"), ("늘어남", "줄어듦")),
    },
    "en": {
        "hours": (("longer", "shorter"), ("above", "below"), ("slower", "faster")),
        "ratio": (("higher", "lower"), ("above", "below"), ("higher", "lower")),
        "score": (("higher", "lower"), ("above", "below"), ("higher", "lower")),
        "count": (("more", "fewer"), ("above", "below"), ("more", "fewer")),
    },
}
_PARTS_KO: Final = {"activity": "활동", "opportunity": "영업 기회", "all": "전체"}
# Free words that most systems write in English; a company's own words stay as they are.
_COMMON_KO: Final = {
    "low": "낮음", "normal": "보통", "high": "높음", "urgent": "긴급",
    "email": "이메일", "phone": "전화", "portal": "포털", "chat": "채팅",
    "call": "통화", "meeting": "미팅", "visit": "방문", "demo": "시연",
    "small": "소기업", "mid": "중견기업", "enterprise": "대기업",
}  # fmt: skip
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def sentence(explanation: Explanation, shown: Figures) -> str:
    """`9월보다 0.8시간 늘어난 이유: 이메일 +0.5시간 (느려짐), …`."""
    words, lang = WORDS[explanation.lang], explanation.lang
    head = heading(explanation, shown)
    lines = [line for line in shown.lines if line.effect and not line.effect.is_target]
    named = [line for line in lines[:_NAMED_GROUPS] if line.total_units]
    if not shown.difference_units or not named:
        return head
    said = ", ".join(_said(explanation, shown, line) for line in named)
    by = words["by_dimension"].format(dimension=words[explanation.chosen.dimension])
    return f"{head}: {by} {said}" if lang == "ko" else f"{head}: {by}, {said}"


def heading(explanation: Explanation, shown: Figures) -> str:
    """`Why 0.8 h longer than in September`."""
    words, lang = WORDS[explanation.lang], explanation.lang
    than = _than(explanation)
    if not shown.difference_units:
        return _same(explanation)
    is_less = shown.difference_units < 0
    how = _HOW[lang][explanation.unit][0 if explanation.base_period else 1][is_less]
    by = amount(shown, explanation.unit, abs(shown.difference_units), lang, is_signed=False)
    return words["why"].format(than=than, by=by, how=how)


def amount(shown: Figures, unit: str, units: int, lang: Lang, *, is_signed: bool = True) -> str:
    """A difference: `+0.8시간`, `−2.5%p`."""
    text = number(shown, units, is_signed=is_signed)
    if unit == "ratio":
        return text + ("%p" if lang == "ko" else " pp")
    if unit == "hours":
        return text + ("시간" if lang == "ko" else " h")
    if unit == "count" and lang == "ko":
        return text + "건"
    return text


def number(shown: Figures, units: int, *, is_signed: bool = True) -> str:
    """A difference without its unit; a true minus sign."""
    size = f"{abs(units) / 10**shown.digits:,.{shown.digits}f}"
    if not is_signed or not units:
        return size
    return f"{'+' if units > 0 else '−'}{size}"


def value_text(shown: Figures, unit: str, units: int, lang: Lang) -> str:
    """A value with the digits of the table: those that subtract to the difference."""
    if unit == "count":
        return number(shown, units, is_signed=False)
    return format_value(shown.number(units), unit, lang, shown.digits)


def group_name(explanation: Explanation, group: Group) -> str:
    """A group as people call it."""
    lang, dimension = explanation.lang, explanation.chosen.dimension
    if group is None:
        return WORDS[lang]["none"]
    if dimension == "employee" and group in explanation.group_names:
        return f"{explanation.group_names[group]} ({group})"
    if dimension == "part" and lang == "ko":
        return _PARTS_KO.get(group, group)
    if dimension == "kind":
        try:
            return word_label("requests", "kind", group, lang)
        except KeyError:
            pass  # a word of the company's own
    is_word = dimension in ("kind", "channel", "priority", "segment")
    return _COMMON_KO.get(group, group) if is_word and lang == "ko" else group


def line_name(explanation: Explanation, line: Line) -> str:
    """What a line of the table is about."""
    words = WORDS[explanation.lang]
    if line.effect is None:
        return words["others"].format(count=line.folded)
    if line.effect.is_target:
        return words["target_line"]
    return group_name(explanation, line.effect.group)


def others(explanation: Explanation) -> str:
    """The dimensions that were not chosen: `팀 38%, 채널 12%`."""
    return ", ".join(_with_concentration(explanation, each) for each in explanation.others)


def percent(share: float, lang: Lang) -> str:
    """A share in whole percent."""
    return format_value(share, "ratio", lang, 0)


def short_period(period: Period, other: Period, lang: Lang) -> str:
    """A period as one says it beside another: without the year where it is the same."""
    is_same_year = _year(period) == _year(other)
    if not is_same_year or period.grain is Grain.YEAR:
        return labels.period_title(period, lang)
    day = period.start
    if lang == "ko":
        return labels.period_title(period, lang).split("년 ", 1)[1]
    return {
        Grain.QUARTER: f"Q{(day.month + 2) // 3}",
        Grain.MONTH: _MONTHS[day.month - 1],
        Grain.WEEK: f"week {day.isocalendar().week}",
        Grain.DAY: f"{day.day} {_MONTHS[day.month - 1]}",
    }[period.grain]


def _year(period: Period) -> int:
    return period.start.isocalendar().year if period.grain is Grain.WEEK else period.start.year


def _same(explanation: Explanation) -> str:
    than, base = _than(explanation), explanation.base_period
    if explanation.lang == "ko":
        name = than.removesuffix("보다")
        return f"{name}에 정확히 도달" if base is None else f"{name}에 비해 달라지지 않음"
    return (
        f"exactly {than}"
        if base is None
        else f"No different {than.replace('than in', 'from').replace('than on', 'from')}"
    )


def _than(explanation: Explanation) -> str:
    lang, base = explanation.lang, explanation.base_period
    if base is None:
        target = format_value(explanation.base_value, explanation.unit, lang)
        return f"목표 {target}보다" if lang == "ko" else f"the target of {target}"
    name = short_period(base, explanation.period, lang).replace("Week", "week")
    if lang == "ko":
        return f"{name}보다"
    return f"than {'on' if base.grain is Grain.DAY else 'in'} {name}"


def _said(explanation: Explanation, shown: Figures, line: Line) -> str:
    effect, lang = line.effect, explanation.lang
    if effect is None:
        return ""
    change = amount(shown, explanation.unit, line.total_units, lang)
    cause = _cause(explanation, effect)
    return f"{line_name(explanation, line)} {change}" + (f" ({cause})" if cause else "")


def _cause(explanation: Explanation, effect: Effect) -> str:
    """What happened to the group, by whichever effect is the larger one."""
    lang = explanation.lang
    words, (more, less) = WORDS[lang], _HOW[lang][explanation.unit][2]
    if effect.rate_effect is None or effect.mix_effect is None:
        return ""
    if explanation.base_period is None:
        value = format_value(effect.rate, explanation.unit, lang)
        return f"{value}, {words['share'].lower()} {percent(effect.share or 0.0, lang)}"
    if effect.is_new:
        return words["new"]
    if effect.is_gone:
        return words["gone"]
    if abs(effect.rate_effect) >= abs(effect.mix_effect):
        return more if effect.rate_effect > 0 else less
    return words["more" if (effect.share or 0.0) > (effect.base_share or 0.0) else "less"]


def _with_concentration(explanation: Explanation, each: DimensionSplit) -> str:
    name = WORDS[explanation.lang][each.dimension]
    word = name if explanation.lang == "en" else f"{name}({each.dimension})"
    return f"{word} {percent(each.concentration, explanation.lang)}"
