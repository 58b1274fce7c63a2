"""How SurveyMonkey is read: pages, bookmarks of each survey, quotas, cut details, refusals."""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
import yaml
from surveymonkey_help import MATERIALS, Panel, at

from sales_support_kpi.errors import ConfigError
from sales_support_kpi.sandbox.servers import surveymonkey_objects as sm
from sales_support_kpi.sandbox.servers.faults import Fault, answer, cut, rewritten, truncated
from sales_support_kpi.sources.extract.vendors import surveymonkey

COMPLAINTS = {**MATERIALS, "id": 200, "survey": "complaint_support"}


@pytest.mark.parametrize("spread", [0, 1])
def test_all_pages_are_read_once_also_when_all_answers_share_one_second(
    panel: Panel, spread: int
) -> None:
    for number in range(250):
        panel.add(number, number * spread)
    panel.good()
    assert len(panel.ids()) == 250
    assert len(set(panel.ids())) == 250
    assert {seen.query["per_page"] for seen in panel.pages()} == {"100"}
    assert len(panel.pages()) == 3


def test_an_answer_that_is_changed_while_it_is_read_pushes_no_other_one_out(panel: Panel) -> None:
    """It moves to the end; what stood on page two moves up to page one, which was read already."""
    for number in range(250):
        panel.add(number, number)

    def change(_: Any) -> None:
        for number in range(50):
            panel.add(number, number, modified=at(5000 + number))

    panel.script.add(rewritten(change), path="responses/bulk")
    panel.good()
    assert len(set(panel.ids())) == 250
    assert len(panel.ids()) == 250


def test_more_without_a_new_page_ends_the_reading(panel: Panel) -> None:
    for number in range(5):
        panel.add(number, 0)
    more = rewritten(lambda page: page["links"].update(next=page["links"]["self"]))
    panel.script.add(more, path="responses/bulk", times=None)
    outcome = panel.pull()
    assert outcome.status == "failed"
    assert "does not advance" in outcome.message
    assert panel.ids() == []
    assert len(panel.pages()) < 5


def test_each_survey_has_its_own_bookmark(panel: Panel) -> None:
    """A late answer of one survey is older than the newest one of another."""
    panel.add_survey("200")
    panel.options["surveys"] = [dict(MATERIALS), COMPLAINTS]
    panel.add(1, 10)
    panel.add(2, 90_000, survey="200")
    panel.good()
    panel.add(3, 60)
    panel.add(4, 90_060, survey="200")
    panel.good()
    assert panel.answers("response_id, survey") == [
        ("1", "material_request"), ("2", "complaint_support"),
        ("3", "material_request"), ("4", "complaint_support"),
    ]  # fmt: skip
    starts = [seen.query.get("start_modified_at") for seen in panel.pages()]
    assert starts == [None, None, "2026-10-05T00:00:00", "2026-12-06T11:50:00"]


def test_a_survey_that_is_added_later_is_read_from_its_beginning(panel: Panel) -> None:
    panel.add(1, 5000)
    panel.good()
    panel.add_survey("200")
    panel.add(2, 10, survey="200")
    panel.surveys.append(COMPLAINTS)
    panel.good()
    assert panel.ids() == ["1", "2"]


def test_reading_again_tells_nothing_new(panel: Panel) -> None:
    panel.add(1, 1)
    panel.good()
    assert panel.good().status == "unchanged"
    panel.add(2, 1)  # of the very second of the bookmark
    panel.good()
    assert panel.ids() == ["1", "2"]


def test_a_spent_quota_keeps_what_was_read_and_goes_on_the_next_day(panel: Panel) -> None:
    panel.add_survey("200")
    panel.options["surveys"] = [dict(MATERIALS), COMPLAINTS]
    for number in range(150):
        panel.add(number, number)
        panel.add(1000 + number, number, survey="200")
    now = [datetime(2026, 11, 2, 20, tzinfo=UTC).timestamp()]
    panel.quota.clock, panel.quota.per_day = lambda: now[0], 5  # two details, three pages
    outcome = panel.pull()
    assert outcome.status == "failed"
    assert "requests of this day are used up; it comes back at" in outcome.message
    assert len(panel.ids()) == 250
    now[0] += 86400
    panel.good()
    assert len(panel.ids()) == len(set(panel.ids())) == 300


def test_a_quota_that_is_spent_before_the_weights_are_known_lands_nothing_wrong(
    panel: Panel,
) -> None:
    panel.add(1, 1)
    panel.quota.per_day = 1
    panel.quota.used = 0
    outcome = panel.pull()
    assert outcome.status == "failed"
    assert panel.ids() == []
    panel.quota.per_day = None
    panel.good()
    assert panel.ids() == ["1"]


@pytest.mark.parametrize("fault", [answer(500, "x"), answer(503, {"e": 1}), cut(60), truncated(60)])
def test_a_fault_in_the_middle_loses_and_doubles_nothing(panel: Panel, fault: Fault) -> None:
    for number in range(150):
        panel.add(number, number)
    panel.script.add(fault, path="responses/bulk", skip=1, times=2)
    panel.good()
    assert len(panel.ids()) == len(set(panel.ids())) == 150


def test_a_burst_limit_is_waited_out(panel: Panel) -> None:
    panel.add(1, 1)
    said = {"error": {"id": "1040", "name": "Rate limit reached", "http_status_code": 429}}
    headers = {
        "X-Ratelimit-App-Global-Day-Remaining": "400",
        "X-Ratelimit-App-Global-Minute-Remaining": "0",
    }
    panel.script.add(answer(429, said, headers), path="bulk", times=2)
    panel.good()
    assert panel.ids() == ["1"]


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_grant_that_was_taken_back_is_told_whatever_the_status(panel: Panel, status: int) -> None:
    revoked = {"status": 1, "errmsg": "Client revoked access grant"}
    panel.script.add(answer(status, revoked), times=None)
    outcome = panel.pull()
    assert outcome.status == "failed"
    assert "authorise the app anew" in outcome.message


def test_a_wrong_token_is_told_without_the_token(panel: Panel) -> None:
    panel.quota.token = "rotated"  # noqa: S105 - invented
    outcome = panel.pull()
    assert outcome.status == "failed"
    assert "token is invalid" in outcome.message
    assert "sandbox-token" not in outcome.message


def test_questions_beyond_the_cut_of_the_details_are_found(panel: Panel) -> None:
    pages = [sm.page(f"p{n}", [sm.open_ended(f"q{n}", f"Q {n}")]) for n in range(110)]
    pages.append(panel.store.surveys["100"]["pages"][0])
    panel.store.surveys["100"]["pages"] = pages
    panel.add(1, 1)
    panel.good()
    assert panel.answers("score") == [(4,)]


def test_a_survey_too_large_for_details_is_read_page_by_page(panel: Panel) -> None:
    many = [sm.open_ended(f"q{n}", f"Q {n}") for n in range(1001)]
    panel.store.surveys["100"]["pages"].append(sm.page("2", many))
    panel.add(1, 1)
    panel.good()
    assert panel.answers("score") == [(4,)]


def test_a_filter_that_leaves_its_own_second_out_loses_nothing(panel: Panel) -> None:
    """The vendor does not say whether `start_modified_at` is among what it asks for."""
    panel.store.is_exclusive = True
    for number in range(250):
        panel.add(number, number // 40)
    panel.good()
    assert len(set(panel.ids())) == 250
    panel.add(250, 249 // 40)
    panel.good()
    assert len(set(panel.ids())) == 251


def test_a_list_that_never_ends_is_an_error(panel: Panel) -> None:
    many = [sm.open_ended(f"q{n}", f"Q {n}") for n in range(1001)]
    panel.store.surveys["100"]["pages"] = [sm.page("2", many)]
    again = rewritten(lambda told: told["links"].update(next="https://sandbox.example/more"))
    panel.script.add(again, path="/pages$", times=None)
    outcome = panel.pull()
    assert outcome.status == "failed"
    assert "the same page again and again" in outcome.message


def test_reading_in_full_is_refused(panel: Panel) -> None:
    panel.source |= {"mode": "full"}
    assert "survey_responses is mode: full" in panel.pull().message


def problems(panel: Panel) -> list[str]:
    return [line.message for line in panel.check() if not line.is_ok]


def test_check_says_what_is_right(panel: Panel) -> None:
    lines = panel.check()
    assert [line.message for line in lines if not line.is_ok] == []
    said = "\n".join(line.message for line in lines)
    assert "survey 100 (Survey 100): score is the question How was it?" in said
    assert "the score counts from 1 to 5" in said


def test_check_names_every_survey_question_row_and_choice_that_does_not_exist(
    panel: Panel,
) -> None:
    panel.options["surveys"] = [
        {
            **MATERIALS, "comment": "Remarks", "row": "Overall", "weights": {"great": 5},
            "respondent": {"email_question": 99}, "request": {"variable": "ticket"},
        },
        {**COMPLAINTS, "id": 300},
    ]  # fmt: skip
    found = problems(panel)
    for said in (
        "comment: no question Remarks. There are: 11 How was it?; 12 Why",
        "respondent.email_question: no question 99",
        "request.variable: no custom variable ticket. There are: ticket_id, employee_id",
        "row: no row Overall",
        "weights: no choice great",
        "there is no survey 300",
    ):
        assert any(said in one for one in found), (said, found)
    assert len(found) == 6


def test_a_pull_with_a_question_that_does_not_exist_fails_with_its_name(panel: Panel) -> None:
    panel.add(1, 1)
    panel.options["surveys"] = [{**MATERIALS, "score": "Were you happy?"}]
    assert "survey 100 has no question Were you happy?" in panel.pull().message


@pytest.mark.parametrize(
    ("survey", "said"),
    [
        ({**MATERIALS, "survey": "csat"}, "survey"),
        ({**MATERIALS, "scale": [5, 1]}, "scale"),
        ({**MATERIALS, "respondent": {"contact": True, "variable": "x"}}, "exactly one"),
        ({"id": 100, "survey": "onboarding"}, "score"),
    ],
)
def test_options_that_make_no_sense_are_refused_when_the_configuration_is_loaded(
    panel: Panel, survey: dict[str, Any], said: str
) -> None:
    panel.options["surveys"] = [survey]
    with pytest.raises(ConfigError, match=said):
        _ = panel.config


def test_the_commented_defaults_can_be_copied(panel: Panel) -> None:
    text = files(surveymonkey).joinpath("defaults.yml").read_text(encoding="utf-8")
    panel.options["surveys"] = yaml.safe_load(text)["surveys"]
    assert panel.config.sources[0].options["surveys"]
    commented = yaml.safe_load(text.replace("\n    # ", "\n    "))
    panel.options["surveys"] = commented["surveys"]
    assert panel.config
