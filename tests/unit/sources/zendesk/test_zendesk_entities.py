"""Zendesk's records become requests, their history and people, as the options say."""

from datetime import UTC, datetime, timedelta

from zendesk_help import AGENT, CUSTOMER, T0, HelpDesk, at

from sales_support_kpi.sandbox.servers import zendesk_objects as zd


def test_a_ticket_becomes_a_request_with_its_history_and_its_people(desk: HelpDesk) -> None:
    desk.add(1, subject="견적 문의", priority="high", channel="email")
    desk.move(1, "pending", 10)
    desk.move(1, "open", 20)
    desk.move(1, "solved", 30)
    outcome = desk.good()
    assert outcome.message == ""
    columns = "request_id, subject, priority, channel, status, assignee_id, requester_id"
    assert desk.request(1, columns) == (
        "1", "견적 문의", "high", "email", "done", str(AGENT), str(CUSTOMER),
    )  # fmt: skip
    assert desk.request(1, "opened_at, completed_at, updated_at") == (at(0), at(30), at(30))
    assert desk.landed("request_events", "occurred_at, request_id, to_status, actor_id") == [
        (at(0), "1", "open", "7"), (at(10), "1", "waiting", "7"),
        (at(20), "1", "open", "7"), (at(30), "1", "done", "7"),
    ]  # fmt: skip
    assert desk.landed("employees", "employee_id, name, email, role, team") == [
        ("7", "Jane Kim", "jane@example.com", None, None)
    ]


def test_the_solve_that_still_stands_is_the_completion(desk: HelpDesk) -> None:
    desk.add(1)
    desk.move(1, "solved", 10)
    desk.good()
    assert desk.request(1, "status, completed_at") == ("done", at(10))
    desk.move(1, "open", 20)
    desk.good()
    assert desk.request(1, "status, completed_at") == ("open", None)
    desk.move(1, "solved", 40)
    desk.good()
    desk.move(1, "closed", 9000)
    desk.good()
    assert desk.request(1, "status, completed_at") == ("done", at(40))
    assert [row[1] for row in desk.landed("request_events", "occurred_at, to_status")] == [
        "open", "done", "open", "done",
    ], "closing what is solved is no event"  # fmt: skip


def test_a_reading_that_sees_only_the_closing_still_knows_the_solve(desk: HelpDesk) -> None:
    desk.add(1)
    desk.move(1, "solved", 10)
    desk.move(1, "closed", 9000)
    desk.good(start=at(8000).isoformat())
    assert desk.request(1, "status, completed_at") == ("done", at(10))


def test_kinds_are_read_from_forms_tags_groups_brands_types_and_fields(desk: HelpDesk) -> None:
    desk.store.ticket_forms += [zd.ticket_form(47, "제안서 요청"), zd.ticket_form(48, "Contract")]
    desk.store.groups.append({"id": 5, "name": "Materials desk"})
    desk.store.brands.append({"id": 6, "name": "Shop"})
    desk.add(1, ticket_form_id=47)
    desk.add(2, ticket_form_id=48)
    desk.add(3, group_id=5)
    desk.add(4, brand_id=6)
    desk.add(5, custom_fields={36001: "complaint_case"})
    desk.add(6, custom_fields={36002: ["x", "complaint_case"], 36003: True})
    desk.add(7, custom_fields={36003: True})
    desk.add(8, tags=["Angebot"])
    desk.add(9, type="question")
    desk.add(10, custom_fields={36001: None})
    desk.good(
        kinds={
            "proposal": {"forms": ["제안서 요청"], "tags": "angebot"},
            "contract": {"forms": [48]},
            "material": {"groups": ["materials desk"]},
            "inquiry": {"brands": ["Shop"], "types": ["question"], "fields": {36003: [True]}},
            "complaint": {"fields": {36001: ["complaint_case"], 36002: "complaint_case"}},
        }
    )
    kinds = dict(desk.landed("requests", "request_id, kind"))
    assert kinds == {
        "1": "proposal", "2": "contract", "3": "material", "4": "inquiry", "5": "complaint",
        "6": "inquiry", "7": "inquiry", "8": "proposal", "9": "inquiry", "10": "other",
    }  # fmt: skip


def test_custom_statuses_mean_what_is_said_of_them_or_of_their_category(desk: HelpDesk) -> None:
    desk.store.custom_statuses += [
        zd.custom_status(91, "open", "With the factory"),
        zd.custom_status(92, "hold", "Parked"),
        zd.custom_status(93, "solved", "고객 취소"),
    ]
    desk.add(1, custom_status_id=90)
    desk.move(1, "open", 5, custom_status_id=91)
    desk.move(1, "hold", 10, custom_status_id=92)
    desk.move(1, "solved", 20, custom_status_id=93)
    desk.add(2, custom_status_id=91, status="open")
    desk.good(waiting=["pending", "hold", "With the factory"], cancelled=["고객 취소"])
    assert dict(desk.landed("requests", "request_id, status")) == {"1": "cancelled", "2": "waiting"}
    assert desk.landed("request_events", "occurred_at, to_status", "request_id = '1'") == [
        (at(0), "open"), (at(5), "waiting"), (at(20), "cancelled"),
    ]  # fmt: skip


def test_a_deleted_ticket_is_deleted_when_zendesk_says_and_its_children_are_not_asked_for(
    desk: HelpDesk,
) -> None:
    desk.add(1)
    desk.good()
    now = datetime.now(UTC).replace(microsecond=0)
    desk.store.delete_ticket(1, now - timedelta(minutes=30), AGENT)
    desk.good()
    assert desk.request(1, "deleted_at, status") == (now - timedelta(minutes=30), "open")
    assert desk.asked("/api/v2/tickets/") == []


def test_the_list_of_deleted_tickets_is_asked_for_no_further_than_it_has_to(
    desk: HelpDesk,
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(1, 251):
        desk.add(number, number)
    for number in range(1, 250):
        desk.store.delete_ticket(number, now - timedelta(hours=300 - number), AGENT)
    desk.good()
    assert len(desk.asked("deleted_tickets")) == 3
    desk.store.delete_ticket(250, now - timedelta(hours=1), AGENT)
    desk.good(lookback_minutes=0)
    assert len(desk.asked("deleted_tickets")) == 4
    assert desk.request(250, "deleted_at") == (now - timedelta(hours=1),)
    assert desk.request(7, "deleted_at") == (now - timedelta(hours=293),)


def test_a_ticket_deleted_long_ago_is_deleted_when_it_changed_last(desk: HelpDesk) -> None:
    desk.add(1)
    desk.good()
    desk.store.delete_ticket(1, at(100), AGENT)
    desk.store.deleted_tickets.clear()  # the list forgets after 30 days; the export does not
    desk.good()
    assert desk.request(1, "deleted_at") == (at(100),)
    assert desk.asked("deleted_tickets") == []


def test_merged_tickets_are_cancelled_and_archived_ones_come_like_all_others(
    desk: HelpDesk,
) -> None:
    desk.add(1, status="closed", tags=["closed_by_merge", "vip"])
    desk.add(2, status="closed")
    desk.good()
    assert dict(desk.landed("requests", "request_id, status")) == {"1": "cancelled", "2": "done"}


def test_a_ticket_leads_to_the_customer_and_to_when_it_was_handed_over(desk: HelpDesk) -> None:
    desk.store.put_organization(
        zd.organization(90, "Example", T0, external_id="C-1", organization_fields={"brn": "1"})
    )
    desk.store.put_organization(zd.organization(91, "Other", T0, organization_fields={"brn": "2"}))
    desk.add(1, organization_id=90, custom_fields={501: "C-7", 502: "2026-10-05T09:20:00+09:00"})
    desk.add(2, organization_id=90, custom_fields={502: "2026-10-05"})
    desk.add(3, organization_id=91)
    desk.good(
        received_at=502,
        customer={"ticket_field": 501, "organization": "external_id", "registration_no": "brn"},
    )
    assert desk.landed("requests", "request_id, customer_id, received_at") == [
        ("1", "C-7", at(20)), ("2", "C-1", None), ("3", "91", None),
    ]  # fmt: skip
    assert desk.landed("customers", "customer_id, name, business_registration_no") == [
        ("90", "Example", "1"), ("91", "Other", "2"),
    ]  # fmt: skip


def test_a_registration_number_on_the_ticket_leads_to_the_customer_too(desk: HelpDesk) -> None:
    desk.add(1, custom_fields={503: " 220-81-62517 "})
    desk.add(2, 5, custom_fields={503: "220-81-62517"})
    desk.add(3, custom_fields={503: ""})
    desk.good(customer={"registration_field": 503})
    assert desk.landed("requests", "request_id, customer_id") == [
        ("1", "220-81-62517"), ("2", "220-81-62517"), ("3", None),
    ]  # fmt: skip
    assert desk.landed("customers", "customer_id, business_registration_no, status") == [
        ("220-81-62517", "220-81-62517", "prospect")
    ]


def test_people_are_agents_assignees_and_colleagues_and_nobody_else(desk: HelpDesk) -> None:
    desk.store.groups.append({"id": 5, "name": "지원1팀"})
    people = [
        zd.user(20, "Admin", "a@example.com", "admin", T0, default_group_id=5),
        zd.user(21, "Former agent", "f@example.com", "end-user", T0),
        zd.user(22, "Sales", "S@Sales.Example.COM", "end-user", T0),
        zd.user(23, "Customer", "c@other.example", "end-user", T0),
        zd.user(24, "Nobody", None, "end-user", T0),
    ]
    for one in people:
        desk.store.put_user(one)
    desk.add(1, assignee_id=21, requester_id=23)
    desk.good(
        colleagues={"domains": ["sales.example.com"], "role": "sales"},
        agents_role="support",
        teams=True,
    )
    assert desk.landed("employees", "employee_id, role, team") == [
        ("20", "support", "지원1팀"), ("21", "sales", None), ("22", "sales", None),
        ("7", "support", None),
    ]  # fmt: skip


def test_fields_subjects_and_comments_nobody_asked_for_are_dropped(desk: HelpDesk) -> None:
    desk.add(1, subject="Secret", custom_fields={501: "C-7", 999: "personal"})
    desk.good(customer={"ticket_field": 501}, subjects=False)
    assert desk.request(1, "subject, customer_id") == (None, "C-7")
    assert "personal" not in str(desk.landed("requests"))
    assert {seen.query.get("include") for seen in desk.asked(TICKETS_CURSOR)} == {"metric_sets"}
    assert all("include" not in seen.query for seen in desk.asked("ticket_events"))


TICKETS_CURSOR = "/incremental/tickets/cursor"


def test_ratings_count_only_when_they_are_answers_and_may_change(desk: HelpDesk) -> None:
    desk.add(1)

    def rate(number: int, score: str, minutes: float) -> None:
        desk.store.satisfaction_ratings[:] = [
            one for one in desk.store.satisfaction_ratings if one["id"] != number
        ] + [
            {
                "id": number, "ticket_id": 1, "requester_id": 8, "score": score, "comment": None,
                "created_at": zd.stamp(at(number)), "updated_at": zd.stamp(at(minutes)),
            }
        ]  # fmt: skip

    for number, score in enumerate(("offered", "unoffered", "good", "bad_with_comment")):
        rate(number, score, number)
    desk.good(ratings={"survey": "complaint_support"})
    scores = "response_id, score, scale_min, scale_max"
    assert desk.landed("survey_responses", scores) == [("2", 5, 1, 5), ("3", 1, 1, 5)]
    rate(9, "good", 9000)
    desk.good()
    rate(2, "bad", 9060)
    desk.good()
    assert desk.landed("survey_responses", "_load_seq, score", "response_id = '2'")[-1][1] == 1


def test_without_the_history_tickets_are_read_all_the_same(desk: HelpDesk) -> None:
    desk.add(1)
    desk.move(1, "solved", 10)
    desk.good(events=False)
    assert desk.request(1, "status, completed_at") == ("done", at(10))
    assert desk.asked("ticket_events") == []
    assert desk.landed("request_events") == []
