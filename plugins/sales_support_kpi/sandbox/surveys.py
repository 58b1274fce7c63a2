"""Answers to surveys: after material and complaint requests, and of new sales reps.

The score that somebody gives is drawn first, together with what becomes of the answer: replaced by
a later one, given by the wrong person, outside its scale. Scales differ: 1–5 (mostly left empty),
0–10 and 1–7.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sales_support_kpi.sandbox.columns import chosen, chunk_rng, ids, instants, masked, words
from sales_support_kpi.sandbox.people import SALES, SUPPORT, Staff
from sales_support_kpi.sandbox.request_rows import State
from sales_support_kpi.sandbox.requests import COMPLAINT, MATERIAL, REOPENED, Plan
from sales_support_kpi.sandbox.rhythm import (
    STARTS,
    WORLD_START,
    Floats,
    month_of,
    slowness,
    trend,
)
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import (
    DAY,
    HOUR,
    NEVER,
    ZONE_OFFSET,
    Flags,
    Ints,
    day_number,
    local_day,
)

SURVEYS = ("material_request", "complaint_support", "onboarding")
_LOW = np.array([1, 0, 1])
_HIGH = np.array([5, 10, 7])
_COMMENTS = ("빠른 처리 감사합니다.", "자료가 조금 오래되었습니다.", "설명이 더 필요합니다.")
_TEAM_SCORE = {"영업지원1팀": 0.15, "영업지원2팀": -0.45, "영업지원3팀": 0.05}
NEW_HIRE_DAYS = 180


@dataclass(frozen=True, slots=True)
class Answers:
    """Responses of one chunk; `request` and `respondent` -1 are left empty."""

    survey: Ints
    request: Ints
    respondent: Ints
    score: Ints
    scale: Ints
    is_broken: Flags
    submitted: Ints

    @property
    def normalised(self) -> Floats:
        """The score on the scale 1 to 5."""
        low, high = _LOW[self.scale], _HIGH[self.scale]
        return np.asarray(1.0 + 4.0 * (self.score - low) / (high - low), dtype=np.float64)

    def rows(self, keep: Flags) -> "Answers":
        """Some of them."""
        return Answers(
            self.survey[keep],
            self.request[keep],
            self.respondent[keep],
            self.score[keep],
            self.scale[keep],
            self.is_broken[keep],
            self.submitted[keep],
        )


def _scores(rng: np.random.Generator, mean: Floats) -> tuple[Ints, Ints]:
    """Whole scores around a mean (on 1 to 5), on one of the scales."""
    scale = rng.choice(3, size=len(mean), p=(0.6, 0.28, 0.12))
    drawn = np.clip(rng.normal(mean, 0.75), 1.0, 5.0)
    low, high = _LOW[scale], _HIGH[scale]
    return np.rint(low + (drawn - 1.0) / 4.0 * (high - low)).astype(np.int64), scale


def after_requests(
    seed: int, month: int, part: int, planned: Plan, now: State, staff: Staff, truth: Truth
) -> pa.Table:
    """Answers to the chunk's done requests, replaced ones included; states their truth."""
    rng = chunk_rng(seed, "survey_responses", month, part)
    size = len(planned.number)
    share = np.where(planned.kind == MATERIAL, 0.42, np.where(planned.kind == COMPLAINT, 0.45, 0.0))
    asked = rng.random(size) < share
    # a request that is closed for the time being is not asked about yet
    asked &= ~planned.is_cancelled & ~now.is_broken & ~now.has_no_end
    ended = planned.ended
    first = ended + 600 + rng.exponential(20 * HOUR, size).astype(np.int64)
    again = first + DAY + rng.exponential(12 * DAY, size).astype(np.int64)
    is_again = rng.random(size) < 0.06
    answers = [
        _answers(rng, planned, staff, np.where(asked, first, NEVER), is_second=False),
        _answers(rng, planned, staff, np.where(asked & is_again, again, NEVER), is_second=True),
    ]
    links = rng.random(size)
    alone = asked & ~is_again
    unlinked = alone & (planned.kind == MATERIAL) & (links < 0.03)
    nameless = alone & (links > 0.97)
    broken = alone & (planned.number % 131 == 7)
    adjusted = [
        Answers(
            a.survey,
            np.where(unlinked, -1, a.request),
            np.where(nameless, -1, a.respondent),
            np.where(broken, _HIGH[a.scale] + 1, a.score),
            a.scale,
            broken,
            a.submitted,
        )
        for a in answers
    ]
    _count(planned, staff, truth, adjusted[0], adjusted[1])
    seen = staff.seen_before
    kept = [a.submitted < seen for a in adjusted]
    tables = [
        _table(a.rows(keep), planned.number[keep], suffix, staff)
        for a, keep, suffix in zip(adjusted, kept, ("a", "b"), strict=True)
    ]
    return pa.concat_tables(tables)


def _answers(
    rng: np.random.Generator, planned: Plan, staff: Staff, submitted: Ints, *, is_second: bool
) -> Answers:
    size = len(planned.number)
    month = month_of(np.minimum(submitted, STARTS[-1] - 1))
    at = np.minimum(submitted, staff.seen_before)
    team = staff.by_team(_TEAM_SCORE, 0.0, staff.team_at(planned.assignee, at))
    mean = np.where(planned.kind == MATERIAL, 4.1, 3.65) + team
    mean = mean + 0.2 * trend(month) - 0.5 * slowness(month) + (0.3 if is_second else 0.0)
    mean = mean - np.where(planned.pause_kind == REOPENED, 0.8, 0.0)
    score, scale = _scores(rng, mean)
    # now and then a colleague of sales support answers in place of the rep
    by_support = (planned.kind == COMPLAINT) & (planned.number % 13 == 4)
    colleague = staff.pick(rng, SUPPORT, np.minimum(at, STARTS[-1] - 1))
    return Answers(
        survey=np.where(planned.kind == MATERIAL, 0, 1),
        request=planned.number,
        respondent=np.where(by_support, colleague, planned.requester),
        score=score,
        scale=scale,
        is_broken=np.zeros(size, dtype=bool),
        submitted=submitted,
    )


def _count(planned: Plan, staff: Staff, truth: Truth, first: Answers, second: Answers) -> None:
    seen = staff.seen_before
    eligible = []
    for answers in (first, second):
        there = (answers.submitted < seen) & ~answers.is_broken
        by_sales = staff.role_at(answers.respondent, answers.submitted) == SALES
        wrong = there & (answers.survey == 1) & ~by_sales
        truth.rejected["complaint_support: not by sales"] += int(wrong.sum())
        truth.quarantined["survey_responses"] += int(
            ((answers.submitted < seen) & answers.is_broken).sum()
        )
        eligible.append(there & ~wrong)
    # both answers of a pair are by the same kind of person, but not always by the same person
    same = first.respondent == second.respondent
    replaced = eligible[0] & eligible[1] & same
    truth.planted["survey answered again"] += int(replaced.sum())
    for answers, keep in ((first, eligible[0] & ~replaced), (second, eligible[1])):
        at = answers.submitted[keep]
        person = np.where(answers.request[keep] < 0, -1, planned.assignee[keep])
        teams = staff.team_at(person, at)
        for survey, kpi in enumerate(
            ("material_request_satisfaction", "complaint_support_satisfaction")
        ):
            of = answers.survey[keep] == survey
            truth.flow(kpi, at[of], teams[of], answers.normalised[keep][of])


def _table(answers: Answers, numbers: Ints, suffix: str, staff: Staff) -> pa.Table:
    size = len(numbers)
    is_usual = answers.scale == 0
    scale_is_empty = is_usual & (numbers % 4 != 0)
    return pa.table(
        {
            "response_id": ids("SUR-", numbers, suffix=f"-{suffix}"),
            "survey": words(SURVEYS, answers.survey),
            "request_id": masked(ids("REQ-", np.maximum(answers.request, 0)), answers.request < 0),
            "respondent_id": staff.employee_ids(answers.respondent),
            "score": pa.array(answers.score.astype(np.float64)),
            "scale_min": pa.array(_LOW[answers.scale].astype(np.float64), mask=scale_is_empty),
            "scale_max": pa.array(_HIGH[answers.scale].astype(np.float64), mask=scale_is_empty),
            "comment": chosen(
                numbers % 9 == 0, words(_COMMENTS, (numbers // 9) % 3), pa.nulls(size, pa.string())
            ),
            "submitted_at": instants(answers.submitted, int(NEVER)),
        }
    )


def onboarding(seed: int, staff: Staff, truth: Truth) -> pa.Table:
    """New sales reps answer after some weeks and again after three months; others should not."""
    rng = chunk_rng(seed, "onboarding")
    people = np.flatnonzero(staff.hired >= day_number(WORLD_START))
    hired = staff.hired[people] * DAY - ZONE_OFFSET
    size = len(people)
    noon = 10 * HOUR + rng.integers(0, 7 * HOUR, size)
    early = hired + rng.integers(12, 25, size) * DAY + noon
    later = hired + rng.integers(80, 110, size) * DAY + noon
    too_late = np.where(people % 3 == 0, hired + rng.integers(185, 220, size) * DAY + noon, NEVER)
    waves = [_wave(rng, people, at, staff) for at in (early, later, too_late)]
    seen = staff.seen_before
    winner = np.full(size, -1)
    for index, wave in enumerate(waves):
        age = local_day(wave.submitted) - staff.hired[people]
        there = wave.submitted < seen
        good = there & (age <= NEW_HIRE_DAYS) & (staff.role_at(people, wave.submitted) == SALES)
        truth.rejected["onboarding: not a new sales rep"] += int((there & ~good).sum())
        truth.planted["survey answered again"] += int((good & (winner >= 0)).sum())
        winner = np.where(good, index, winner)
    for index, wave in enumerate(waves):
        keep = winner == index
        at = wave.submitted[keep]
        teams = staff.team_at(staff.onboarding_owner(people[keep]), at)
        truth.flow("onboarding_satisfaction", at, teams, wave.normalised[keep])
    tables = []
    for index, wave in enumerate(waves):
        keep = wave.submitted < seen
        tables.append(_table(wave.rows(keep), people[keep] + 1, f"onboarding-{index}", staff))
    return pa.concat_tables(tables)


def _wave(rng: np.random.Generator, people: Ints, at: Ints, staff: Staff) -> Answers:
    month = month_of(np.minimum(at, STARTS[-1] - 1))
    score, scale = _scores(rng, 4.35 + 0.2 * trend(month) - 0.4 * slowness(month))
    return Answers(
        survey=np.full(len(people), 2),
        request=np.full(len(people), -1),
        respondent=people,
        score=score,
        scale=scale,
        is_broken=np.zeros(len(people), dtype=bool),
        submitted=np.minimum(at, NEVER),
    )
