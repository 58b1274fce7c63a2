"""What stands beside a value, in words."""

from typing import Any

import pytest

from sales_support_kpi.report.beside import Beside, sentences
from sales_support_kpi.report.model import Lang

SIGNAL = {
    "signal": "none", "point_count": 13, "centre": 2.2, "lower": 1.4, "upper": 3.1, "run_length": 3
}  # fmt: skip
TAIL = {
    "median_hours": 1.7, "p90_hours": 3.7, "share_within_target": 0.586, "waiting_share": 0.25,
    "open_count": 14, "open_median_business_hours": 6.0, "open_max_business_hours": 40.5,
}  # fmt: skip
PROJECTION = {
    "elapsed_share": 0.5, "projected": 2.05, "low_80": 1.9, "high_80": 2.2, "needed": 1.8,
    "is_reachable": True, "expected_status": "at_risk",
}  # fmt: skip


def said(lang: Lang, unit: str = "hours", **facts: dict[str, Any]) -> list[str]:
    return sentences(Beside(**facts), unit, lang)


def test_chance_tail_and_outlook_are_said_in_english() -> None:
    assert said("en", signal=SIGNAL, tail=TAIL, projection=PROJECTION) == [
        "within the control limits 1.4–3.1 h: the change may be chance",
        (
            "median 1.7 h, p90 3.7 h, 59 % within the target, 25 % of the time waiting, "
            "14 open at the end, median age 6.0 h, oldest 40.5 h (working hours)"
        ),
        (
            "will land at 2.1 h (80 % interval 1.9 h to 2.2 h) → at risk, "
            "the rest has to reach 1.8 h to meet the target"
        ),
    ]


def test_chance_tail_and_outlook_are_said_in_korean() -> None:
    assert said("ko", signal=SIGNAL, tail=TAIL, projection=PROJECTION) == [
        "관리 한계 1.4–3.1시간 안: 우연일 수 있는 변화",
        (
            "중앙값 1.7시간, p90 3.7시간, 목표 이내 59%, 대기 시간 비율 25%, 기간 말 열린 건 14건, "
            "그 경과 시간 중앙값 6.0시간, 최장 40.5시간(근무 시간)"
        ),
        "전망 2.1시간 (80% 구간 1.9시간–2.2시간) → 주의, 목표까지 남은 기간에 1.8시간 필요",
    ]


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ("outside_above", "above the control limits 1.4–3.1 h: not by chance"),
        ("run_below", "3 in a row below the mean 2.2 h: not by chance"),
        ("too_few_points", "chance or not cannot be told from 13 periods (8 needed)"),
    ],
)
def test_a_signal_is_named(signal: str, words: str) -> None:
    assert said("en", signal=SIGNAL | {"signal": signal}) == [words]


@pytest.mark.parametrize("signal", ["open_period", "no_data"])
def test_what_is_not_judged_is_not_mentioned(signal: str) -> None:
    assert said("en", signal=SIGNAL | {"signal": signal}) == []


def test_a_survey_says_how_many_answered() -> None:
    tail = {"response_rate": 0.4, "answered_count": 4, "asked_count": 10, "open_count": None}
    assert said("en", "score", tail=tail) == ["response rate 40 % (4 of 10)"]


def test_a_count_says_how_many_more_and_an_unreachable_target_is_called_so() -> None:
    count = PROJECTION | {"projected": 1.0, "low_80": 0.0, "high_80": 2.0, "needed": 2.0}
    assert said("en", "count", projection=count)[0].endswith("2 more reach the target")
    lost = PROJECTION | {"is_reachable": False}
    assert said("en", projection=lost)[0].endswith("the target is out of reach")


def test_what_has_ended_has_no_outlook_and_too_little_is_said() -> None:
    assert said("en", projection=PROJECTION | {"elapsed_share": 1.0}) == []
    unknown = {"elapsed_share": 0.5, "projected": None, "reason": "too_few_points"}
    assert said("en", projection=unknown) == ["no projection: too little to learn from"]


def test_an_earlier_night_without_these_tables_says_nothing() -> None:
    assert said("en") == []
