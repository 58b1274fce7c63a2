"""SurveyMonkey's responses become answers: what counts, how much, by whom and for what."""

from typing import Any

import pytest
from surveymonkey_help import MATERIALS, WEIGHTS, Panel, at

from sales_support_kpi.sandbox.servers import surveymonkey_objects as sm


def test_a_response_becomes_an_answer_scored_by_its_choice_s_weight(panel: Panel) -> None:
    answers = {"11": sm.choice("25"), "12": sm.words("아주 좋아요")}
    variables = {"ticket_id": "4711", "employee_id": "e05"}
    one = sm.response("9001", "100", at(3), answers, custom_variables=variables)
    panel.store.put_response(one)
    panel.good()
    columns = "response_id, survey, request_id, respondent_id, score, scale_min, scale_max, comment"
    assert panel.answers(f"{columns}, submitted_at") == [
        ("9001", "material_request", "4711", "e05", 5, 1, 5, "아주 좋아요", at(3))
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"collection_mode": "preview"},
        {"collection_mode": "survey_preview"},
        {"collection_mode": "data_entry"},
        {"response_status": "partial"},
        {"response_status": "disqualified"},
        {"response_status": "overquota"},
    ],
)
def test_what_is_no_completed_answer_of_a_respondent_never_counts(
    panel: Panel, values: dict[str, Any]
) -> None:
    panel.add(1, 1, **values)
    panel.add(2, 2)
    panel.good()
    assert panel.ids() == ["2"]


def test_not_applicable_and_not_answered_are_no_scores(panel: Panel) -> None:
    panel.add(1, 1, choice="26")
    panel.store.put_response(sm.response("2", "100", at(2), {"12": sm.words("no stars")}))
    panel.add(3, 3)
    outcome = panel.good()
    assert panel.ids() == ["3"]
    assert sum(load.rows_quarantined for load in outcome.loads) == 0


def test_a_choice_the_survey_does_not_know_is_quarantined_not_dropped(panel: Panel) -> None:
    for number in range(1, 30):
        panel.add(number, number)
    panel.add(99, 99, choice="777")
    outcome = panel.good()
    assert sum(load.rows_quarantined for load in outcome.loads) == 1
    assert "99" not in panel.ids()


def test_an_edited_response_replaces_what_it_said_before(panel: Panel) -> None:
    panel.add(1, 1, choice="21")
    panel.good()
    panel.add(1, 1, choice="25", modified=at(600), collection_mode="edit")
    panel.good()
    assert panel.answers("_load_seq, score, submitted_at")[-1][1:] == (5, at(600))


def test_a_response_that_is_completed_later_counts_then(panel: Panel) -> None:
    panel.add(1, 1, response_status="partial")
    panel.good()
    assert panel.ids() == []
    panel.add(1, 1, modified=at(90))
    panel.good()
    assert panel.ids() == ["1"]


def test_weights_changed_after_answers_exist_do_not_change_those_answers(panel: Panel) -> None:
    panel.add(1, 10, choice="21")
    panel.good()
    panel.reweigh({"21": 10, "22": 20}, minutes=60)
    panel.add(2, 70, choice="21")
    panel.store.responses["100"]["1"]["date_modified"] = sm.stamp(at(10))
    panel.add(3, 50, choice="25")  # before the change, of a choice that is gone since
    panel.good()
    scores = {row[0]: row[1:] for row in panel.answers("response_id, score, scale_min, scale_max")}
    assert scores == {"1": (1, 1, 5), "2": (10, 10, 20), "3": (5, 1, 5)}


def test_respondents_by_address_are_people_of_this_source(panel: Panel) -> None:
    panel.options["surveys"] = [{**MATERIALS, "respondent": {"contact": True}}]
    contact = {"contact": {"email": {"type": "string", "value": " Jane@Example.com"}}}
    panel.add(1, 1, metadata=contact)
    panel.add(2, 2, metadata=contact)
    panel.add(3, 3)
    panel.add(
        4, 4, metadata={"contact": {"email": {"value": "p@x.example"}}}, response_status="partial"
    )
    panel.good()
    assert panel.answers("response_id, respondent_id") == [
        ("1", "jane@example.com"), ("2", "jane@example.com"), ("3", None),
    ]  # fmt: skip
    assert panel.landed("employees", "employee_id, email, name") == [
        ("jane@example.com", "jane@example.com", None)
    ]


@pytest.mark.parametrize(
    ("respondent", "values"),
    [
        ({"email_variable": "mail"}, {"custom_variables": {"mail": "jane@example.com"}}),
        ({"variable": "who"}, {"custom_variables": {"who": "jane@example.com"}}),
    ],
)
def test_who_answered_may_stand_in_a_variable(
    panel: Panel, respondent: dict[str, Any], values: dict[str, Any]
) -> None:
    panel.options["surveys"] = [{**MATERIALS, "respondent": respondent}]
    panel.add(1, 1, **values)
    panel.good()
    assert panel.answers("respondent_id") == [("jane@example.com",)]


def test_who_and_for_what_may_be_asked_in_questions(panel: Panel) -> None:
    questions = panel.store.surveys["100"]["pages"][0]["questions"]
    questions += [sm.open_ended("13", "Your address"), sm.open_ended("14", "Ticket")]
    panel.options["surveys"] = [
        {
            **MATERIALS,
            "respondent": {"email_question": "your address"},
            "request": {"question": 14},
        }
    ]
    answers = {"11": sm.choice("24"), "13": sm.words("Jane@Example.com"), "14": sm.words("7")}
    panel.store.put_response(sm.response("1", "100", at(1), answers))
    panel.good()
    assert panel.answers("request_id, respondent_id") == [("7", "jane@example.com")]


def test_choices_without_weights_count_what_the_options_say(panel: Panel) -> None:
    question = panel.store.surveys["100"]["pages"][0]["questions"][0]
    for one in question["answers"]["choices"]:
        one["weight"], one["is_na"] = None, False
    labels = dict(zip(WEIGHTS, ("나쁨", "별로", "보통", "좋음", "최고", "모름"), strict=True))
    for one in question["answers"]["choices"]:
        one["text"] = labels[one["id"]]
    panel.add(1, 1, choice="24")
    assert "has no weight" in panel.pull().message
    said = {"나쁨": 1, "별로": 2, "보통": 3, "좋음": 4, "최고": 5, "26": 3}
    panel.options["surveys"] = [{**MATERIALS, "weights": said}]
    panel.good()
    assert panel.answers("score, scale_max") == [(4, 5)]


def test_the_row_that_counts_is_the_named_one(panel: Panel) -> None:
    question = panel.store.surveys["100"]["pages"][0]["questions"][0]
    question["answers"]["rows"] = [{"id": "51", "text": "Speed"}, {"id": "52", "text": "Overall"}]
    panel.options["surveys"] = [{**MATERIALS, "row": "overall"}]
    given = [*sm.choice("21", "51"), *sm.choice("25", "52")]
    panel.store.put_response(sm.response("1", "100", at(1), {"11": given}))
    panel.good()
    assert panel.answers("score") == [(5,)]


def test_a_number_is_a_score_on_the_scale_that_is_said(panel: Panel) -> None:
    questions = panel.store.surveys["100"]["pages"][0]["questions"]
    questions.append(sm.open_ended("15", "From 0 to 10"))
    panel.options["surveys"] = [{**MATERIALS, "score": 15, "scale": [0, 10]}]
    panel.store.put_response(sm.response("1", "100", at(1), {"15": sm.words("8")}))
    panel.good()
    assert panel.answers("score, scale_min, scale_max") == [(8, 0, 10)]


def test_ids_may_be_numbers_or_text_and_recipients_nobody(panel: Panel) -> None:
    one = panel.add(1, 1, recipient_id="", collector_id=500)
    one["id"], one["pages"][0]["questions"][0]["id"] = 1, 11
    one["pages"][0]["questions"][0]["answers"][0]["choice_id"] = 24
    panel.good()
    assert panel.answers("response_id, score, respondent_id") == [("1", 4, None)]


def test_what_is_not_named_is_dropped(panel: Panel) -> None:
    answers = {"11": sm.choice("24"), "13": sm.words("a secret")}
    panel.store.put_response(sm.response("1", "100", at(1), answers))
    panel.good()
    files = [path.read_bytes() for path in panel.home.landing.rglob("*") if path.is_file()]
    assert not any(b"secret" in text or b"192.0.2.10" in text for text in files)
