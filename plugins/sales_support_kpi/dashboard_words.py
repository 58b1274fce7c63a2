"""The dashboards' words beside those of the scorecard, and the colour of each status.

Each pair is Korean, English.
"""

from typing import Final

from sales_support_kpi.report.labels import STATUS_LABELS, STATUS_SYMBOLS
from sales_support_kpi.report.model import LANGS, Lang, Status

UNITS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {"hours": "시간", "ratio": "%", "score": "점 (1–5)", "count": "건"},
    "en": {"hours": "hours", "ratio": "%", "score": "score 1–5", "count": "count"},
}
OUTCOMES: Final[dict[str, tuple[Status, str, str]]] = {
    "passed": (Status.MET, "통과", "passed"),
    "failed": (Status.MISSED, "미통과", "failed"),
    "error": (Status.INSUFFICIENT, "점검 불가", "error"),
    "no_data": (Status.NO_DATA, "자료 없음", "no data"),
}
WITHIN: Final = (
    (Status.MET, "목표 이내", "within target"),
    (Status.MISSED, "목표 초과", "over target"),
)
SEVERITIES: Final = {"critical": ("치명", "critical"), "warning": ("경고", "warning")}
REASONS: Final = {
    "no_data": ("자료 없음", "no data"),
    "too_few_points": ("지난 기간이 적음", "too few periods"),
}
KINDS: Final = {
    "proposal": ("제안서", "proposal"),
    "contract": ("계약서", "contract"),
    "material": ("자료", "material"),
    "inquiry": ("문의", "inquiry"),
    "complaint": ("불만", "complaint"),
}
REQUEST_STATUSES: Final = {
    "open": ("진행", "open"),
    "waiting": ("대기", "waiting"),
    "done": ("완료", "done"),
    "cancelled": ("취소", "cancelled"),
}
LANDINGS: Final = {
    "landed": ("적재", "landed"),
    "unchanged": ("변화 없음", "unchanged"),
    "rejected": ("거부", "rejected"),
    "failed": ("실패", "failed"),
}
AGES: Final = {"request": (1, 3, 7, 30), "issue": (7, 30, 90, 180)}  # days
DIMENSIONS: Final = {
    "team": ("팀", "Team"),
    "kind": ("종류", "Kind"),
    "channel": ("채널", "Channel"),
    "priority": ("우선순위", "Priority"),
    "segment": ("고객군", "Segment"),
    "part": ("부분", "Part"),
}
WEEKDAYS: Final[dict[Lang, tuple[str, ...]]] = {
    "ko": ("월", "화", "수", "목", "금", "토", "일"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
# Okabe and Ito's, the same for the same status in every chart
_COLOURS: Final = {
    Status.MET: "#0072B2",
    Status.AT_RISK: "#E69F00",
    Status.MISSED: "#D55E00",
    Status.INSUFFICIENT: "#9CA3AF",
    Status.NO_TARGET: "#CBD5E1",
    Status.NO_DATA: "#E5E7EB",
    Status.WITHHELD: "#CC79A7",
}


def signed(status: Status, lang: Lang) -> str:
    """Sign and word of a status, together as a cell says them."""
    return f"{STATUS_SYMBOLS[status]} {STATUS_LABELS[lang][status]}"


def status_colours() -> dict[str, str]:
    """The colour of each status and outcome, by what a legend calls it in either language."""
    stood = {signed(s, lang): colour for s, colour in _COLOURS.items() for lang in LANGS}
    judged = {
        f"{STATUS_SYMBOLS[sign]} {word}": _COLOURS[sign]
        for sign, *words in (*OUTCOMES.values(), *WITHIN)
        for word in words
    }
    return stood | judged
