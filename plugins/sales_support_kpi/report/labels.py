"""Every word a reader of a scorecard sees, in Korean and in English."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sales_support_kpi.report.model import Lang, Scope, Status
from sales_support_kpi.report.periods import Grain, Period

# A status is never told by colour alone: it has a symbol and a word.
STATUS_SYMBOLS: Final = {
    Status.MET: "✓",
    Status.AT_RISK: "!",
    Status.MISSED: "✗",
    Status.INSUFFICIENT: "?",
    Status.NO_TARGET: "○",
    Status.NO_DATA: "·",
    Status.WITHHELD: "⊘",
}

STATUS_LABELS: Final[dict[Lang, dict[Status, str]]] = {
    "ko": {
        Status.MET: "달성",
        Status.AT_RISK: "주의",
        Status.MISSED: "미달",
        Status.INSUFFICIENT: "표본 부족",
        Status.NO_TARGET: "목표 없음",
        Status.NO_DATA: "자료 없음",
        Status.WITHHELD: "보류",
    },
    "en": {
        Status.MET: "met",
        Status.AT_RISK: "at risk",
        Status.MISSED: "missed",
        Status.INSUFFICIENT: "few cases",
        Status.NO_TARGET: "no target",
        Status.NO_DATA: "no data",
        Status.WITHHELD: "withheld",
    },
}

WORDS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "title": "영업지원 KPI 성과표",
        "kpi": "지표",
        "value": "실적",
        "target": "목표",
        "status": "상태",
        "change": "전기 대비",
        "trend": "추이",
        "sample": "표본 수",
        "interval": "95% 신뢰구간",
        "attainment": "달성률",
        "scale": "눈금",
        "definition": "정의",
        "beside": "우연인가, 평균이 가리는 것, 전망",
        "definitions": "지표의 정의",
        "note": "비고",
        "period": "기간",
        "unit": "단위",
        "company": "회사 전체",
        "team": "팀",
        "employee": "담당자",
        "complete": "마감된 기간",
        "open": "진행 중인 기간 (아직 끝나지 않음)",
        "as_of": "기준 시각",
        "publish": "발행",
        "stale": "최신 아님",
        "stale_sources": "자료가 늦은 소스",
        "stale_values": "최신 자료가 아닌 지표",
        "withheld_values": "자료 점검에 걸려 보류된 지표",
        "uncertain": "~ 목표가 95% 신뢰구간 안에 있음: 우연일 수 있음",
        "default_target": "합의 전 기본 목표",
        "proposed_target": "합의 전 제안 목표",
        "basis_legend": "* 아직 합의되지 않은 목표",
        "not_measured": "측정되지 않은 지표",
        "unmatched": "다른 시스템에서 찾지 못함",
        "unmatched_employees": "직원 {count}명",
        "unmatched_customers": "고객 {count}곳",
        "needs": "필요한 자료",
        "no_cases": "이 기간에 해당 건이 없음",
        "nothing": "측정할 지표가 없습니다.",
        "last_periods": "최근 {count}개 기간",
        "next_rows": "값을 이루는 건별 목록",
        "data_docs": "이 밤의 데이터 품질 검사 결과",
        "dbt_docs": "테이블과 지표의 정의 (dbt docs)",
        "next_explain": "지난 기간과 달라진 이유",
        "next_html": "인쇄·공유용",
        "scorecard": "성과표",
        "better": "개선",
        "worse": "악화",
        "restated": "최초 발표 {value}",
        "total": "합계",
        "read_charts": (
            "그림 읽는 법: 점이나 막대는 실적, 세로 굵은 선과 점선은 목표, 옅은 "
            "띠는 95% 신뢰구간, 바탕의 진한 곳부터 차례로 미달·주의·달성. 끊긴 선은 "
            "자료가 없는 기간입니다."
        ),
        "trend_table": "추이를 숫자로",
        "language": "언어",
        "scroll": "옆으로 넘겨 볼 수 있는 표",
        "summary": "상태별 지표 수",
        "warnings": "먼저 알아야 할 것",
        "sheet_scorecard": "성과표",
        "sheet_trend": "추이",
        "sheet_charts": "그래프",
    },
    "en": {
        "title": "Sales-support scorecard",
        "kpi": "KPI",
        "value": "Value",
        "target": "Target",
        "status": "Status",
        "change": "Change",
        "trend": "Trend",
        "sample": "n",
        "interval": "95 % interval",
        "attainment": "Attained",
        "scale": "scale",
        "definition": "Definition",
        "beside": "Chance or not, what averages hide, where it will land",
        "definitions": "How each KPI is defined",
        "note": "Note",
        "period": "Period",
        "unit": "Unit",
        "company": "Company",
        "team": "Team",
        "employee": "Employee",
        "complete": "complete",
        "open": "still open",
        "as_of": "as of",
        "publish": "publish",
        "stale": "stale",
        "stale_sources": "Sources that are late",
        "stale_values": "Not up to date",
        "withheld_values": "Withheld, because the data failed a check",
        "uncertain": "~ the target lies inside the 95 % interval: it may be chance",
        "default_target": "default target, not agreed yet",
        "proposed_target": "proposed target, not agreed yet",
        "basis_legend": "* a target that is not agreed yet",
        "not_measured": "Not measured",
        "unmatched": "Not found in another system",
        "unmatched_employees": "people: {count}",
        "unmatched_customers": "customers: {count}",
        "needs": "needs",
        "no_cases": "no cases in this period",
        "nothing": "There is no KPI to show.",
        "last_periods": "last {count} periods",
        "next_rows": "the records behind a value",
        "data_docs": "What the quality checks of this night said",
        "dbt_docs": "How tables and metrics are defined (dbt docs)",
        "next_explain": "why it changed",
        "next_html": "to print or share",
        "scorecard": "scorecard",
        "better": "better",
        "worse": "worse",
        "restated": "first reported {value}",
        "total": "Total",
        "read_charts": (
            "Reading the charts: dot or bar = value, thick upright and dashed line = "
            "target, pale band = 95 % interval, ground from strong to faint = missed, at "
            "risk, met. A broken line is a period without data."
        ),
        "trend_table": "The trend in numbers",
        "language": "Language",
        "scroll": "table that can be scrolled sideways",
        "summary": "How many KPIs stand where",
        "warnings": "Know this first",
        "sheet_scorecard": "Scorecard",
        "sheet_trend": "Trend",
        "sheet_charts": "Charts",
    },
}


def status_label(status: Status, lang: Lang) -> str:
    """The word for a status."""
    return STATUS_LABELS[lang][status]


def period_title(period: Period, lang: Lang) -> str:
    """A period as one would say it: `October 2026`, `2026년 10월`."""
    day = period.start
    if lang == "ko":
        iso = day.isocalendar()
        return {
            Grain.YEAR: f"{day.year}년",
            Grain.QUARTER: f"{day.year}년 {(day.month + 2) // 3}분기",
            Grain.MONTH: f"{day.year}년 {day.month}월",
            Grain.WEEK: f"{iso.year}년 {iso.week}주차",
            Grain.DAY: f"{day.year}년 {day.month}월 {day.day}일",
        }[period.grain]
    iso = day.isocalendar()
    return {
        Grain.YEAR: f"{day.year}",
        Grain.QUARTER: f"Q{(day.month + 2) // 3} {day.year}",
        Grain.MONTH: f"{_MONTHS[day.month - 1]} {day.year}",
        Grain.WEEK: f"Week {iso.week}, {iso.year}",
        Grain.DAY: f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
    }[period.grain]


def period_dates(period: Period) -> str:
    """First and last day: `2026-10-01 – 2026-10-31`."""
    first, last = period.start.isoformat(), period.end.isoformat()
    return first if first == last else f"{first} – {last}"


def scope_title(scope: Scope, lang: Lang) -> str:
    """Whose scorecard it is."""
    word = WORDS[lang][scope.type]
    if scope.type == "company":
        return word
    return f"{word} {scope.id}" if scope.name is None else f"{word} {scope.name} ({scope.id})"


def local_instant(instant: datetime, timezone: str) -> str:
    """An instant in the company's zone, to the minute, with the zone's name."""
    local = instant.astimezone(ZoneInfo(timezone))
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def short_label(period: Period) -> str:
    """A period in a chart: `10`, `Q4`, `W44`."""
    label = period.label
    return label.rsplit("-", 1)[-1] if period.grain is not Grain.YEAR else label


def day_text(day: date) -> str:
    """A date, ISO."""
    return day.isoformat()


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
