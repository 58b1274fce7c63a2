"""A small company with everything that is awkward to split, and rows for every KPI.

People move, records change hands, segment and stage, an assignee is unknown, a channel appears and
one vanishes; one report was never delivered, and one survey is answered in another system.
"""

from typing import Any

CHANNELS = {8: ("email", "phone"), 9: ("email", "phone", None), 10: ("email", "chat", None)}
COMPANY = """
reports:
  - {id: trend, name: {ko: 추이, en: Trend}, owner_id: e1, weekday: mon, starts_on: 2026-08-01}
  - {id: pipeline, name: {ko: 현황, en: Deals}, owner_id: e2, weekday: wed, starts_on: 2026-08-01}
"""
Rows = list[dict[str, Any]]


def company() -> dict[str, Rows]:
    """What the company has landed."""
    people = ("e1", "e2", "e3", "ghost")
    return {
        "employees": [
            {"employee_id": "e1", "team": "North", "role": "support"},
            {"employee_id": "e1", "team": "South", "role": "support"}
            | {"updated_at": "2026-10-10 09:00"},
            {"employee_id": "e2", "team": "South", "role": "support"},
            {"employee_id": "e3", "role": "support"},
            {"employee_id": "r1", "team": "Sales", "role": "sales"},
            {"employee_id": "r2", "team": "Sales", "role": "sales"},
            *(
                {"employee_id": f"h{n}", "team": "Sales", "role": "sales"}
                | {"hired_on": "2026-07-20", "onboarding_owner_id": people[n % 2]}
                for n in range(4)
            ),
        ],
        "requests": [
            {
                "request_id": f"q{month}-{day}",
                "kind": "inquiry" if day % 4 != (month == 9) else "proposal",
                "status": "done" if day % 5 else "open", "assignee_id": people[day % 4],
                "customer_id": f"c{day % 3}", "channel": CHANNELS[month][day % 2 + month % 2],
                "priority": "high" if day % 7 == 0 else "normal",
                "opened_at": f"2026-{month:02d}-{day:02d} 10:00",
                "completed_at": f"2026-{month:02d}-{day:02d} {11 + day % 6}:{day:02d}",
            }
            for month in CHANNELS
            for day in range(1, 29, 2 if month == 9 else 3)
        ] + asked_about(people),
        "survey_responses": answers(),
        "contracts": [
            {"contract_id": f"k{month}-{day}", "support_owner_id": people[day % 4]}
            | {"customer_id": f"c{day % 3}", "signed_at": f"2026-{month:02d}-{day:02d} 10:00"}
            for month in CHANNELS
            for day in range(2, 28, 3)
        ],
        "contract_steps": [
            {"contract_id": f"k{month}-{day}", "step": step}
            | {"completed_at": f"2026-{month:02d}-{day + ((day + month) % 3 == 0) * 2:02d} 16:00"}
            for month in CHANNELS
            for day in range(2, 28, 3)
            for step in ("issue_contract", "register_system", "settle")
        ],
        "meetings": [
            {"meeting_id": f"t{month}-{day}", "kind": "weekly_sales"}
            | {"held_at": f"2026-{month:02d}-{day:02d} 10:00"}
            for month in CHANNELS
            for day in (4, 11, 18, 25)
        ],
        "report_uses": [
            {"meeting_id": f"t{month}-{day}", "report": report}
            | {"used": str(report == "trend" or (day + month) % 3 > 0)}
            for month in CHANNELS
            for day in (4, 11, 18)
            for report in ("trend", "pipeline")
        ],
        "report_deliveries": [
            {"delivery_id": f"d{month}-{day}-{report}", "report": report}
            | {"delivered_at": f"2026-{month:02d}-{day:02d} 08:00"}
            for month in CHANNELS
            for day in range(1, 29, 2)
            for report in (("trend",) if day < 15 else ("trend", "pipeline"))
        ],
        "customers": customers(),
        "opportunities": opportunities(),
        "activities": [
            {"activity_id": f"a{month}{day}", "owner_id": f"r{1 + day % 2}", "type": "call"}
            | {"customer_id": "c0", "occurred_at": f"2026-{month:02d}-{day:02d} 10:00"}
            | {"recorded_at": f"2026-{month:02d}-{day + day % 4:02d} 10:00"}
            for month in (8, 9, 10)
            for day in range(1, 20, 5)
        ],
        "insights": [
            {"insight_id": f"i{place}", "author_id": author, "accepted": "true"}
            | {"provided_at": f"2026-{month:02d}-12 10:00"}
            for place, (month, author) in enumerate(
                [(5, "e1"), (8, "e1"), (9, "e2"), (9, None), (10, "e1"), (10, "e1"), (10, "e2")]
            )
        ],
        "materials": [
            {"material_id": f"m{n}", "owner_id": people[n % 4], "created_at": "2026-06-01 09:00"}
            for n in range(5)
        ],
        "material_updates": [
            {"update_id": f"u{n}", "material_id": f"m{n % 5}"}
            | {"updated_at": f"2026-{7 + n % 4:02d}-15 09:00"}
            for n in range(9)
        ],
    }  # fmt: skip


def asked_about(people: tuple[str, ...]) -> Rows:
    """Requests for materials and complaints, all done."""
    return [
        {
            "request_id": f"{kind}{month}-{day}", "kind": kind, "status": "done",
            "assignee_id": people[day // 4 % 4], "customer_id": f"c{day % 3}",
            "channel": CHANNELS[month][day % 2], "priority": "normal",
            "opened_at": f"2026-{month:02d}-{day:02d} 10:00",
            "completed_at": f"2026-{month:02d}-{day:02d} 15:00",
        }
        for kind in ("material", "complaint")
        for month in CHANNELS
        for day in range(1, 25, 4)
    ]  # fmt: skip


def answers() -> Rows:
    """About every such request but the last of a month, by every new hire, and by nobody."""
    surveys = {"material": "material_request", "complaint": "complaint_support"}
    return [
        *(
            {"response_id": f"s-{kind}{month}-{day}", "survey": survey, "respondent_id": "r1"}
            | {"request_id": f"{kind}{month}-{day}", "score": 1 + (day // 4 + month) % 4}
            | {"submitted_at": f"2026-{month:02d}-{day + 2:02d} 09:00"}
            for kind, survey in surveys.items()
            for month in CHANNELS
            for day in range(1, 20, 4)
        ),
        *(
            {"response_id": f"s-h{n}", "survey": "onboarding", "respondent_id": f"h{n}"}
            | {"score": 2 + n, "submitted_at": f"2026-{8 + n % 3:02d}-10 09:00"}
            for n in range(4)
        ),
        {"response_id": "s-nobody", "survey": "material_request", "score": 2}
        | {"submitted_at": "2026-10-20 09:00"},
    ]


def customers() -> Rows:
    """c0 grows and breaks at once, c1 grows in silence, c2 changes hands, c3 leaves and is back."""
    good = {
        "status": "active", "name": "가", "email": "a@b.kr",
        "postal_code": "04524", "owner_id": "r1", "steward_id": "e1", "country": "JP",
        "phone": "+81312345678", "segment": "small", "updated_at": "2026-07-01 09:00",
    }  # fmt: skip
    autumn = {"updated_at": "2026-10-05 09:00"}
    return [
        *(good | {"customer_id": f"c{n}"} for n in range(4)),
        good | {"customer_id": "c4", "segment": "", "steward_id": "ghost"},
        good | {"customer_id": "c5", "segment": "mid", "steward_id": "e2", "email": "wrong"},
        good | autumn | {"customer_id": "c0", "segment": "mid", "email": "broken"},
        good | autumn | {"customer_id": "c1", "segment": "mid"},
        good | autumn | {"customer_id": "c2", "steward_id": "e2"},
        good | autumn | {"customer_id": "c3", "status": "churned"},
        good | {"customer_id": "c3", "segment": "large", "updated_at": "2026-10-20 09:00"},
    ]


def opportunities() -> Rows:
    """Stages that change, one at the moment of a change of owner, one that is emptied."""
    good = {
        "owner_id": "r1", "stage": "proposal", "amount": 100, "close_date": "2026-12-01",
        "next_step": "visit", "customer_id": "c0", "updated_at": "2026-09-20 12:00",
    }  # fmt: skip
    return [
        *(good | {"opportunity_id": f"o{n}"} for n in range(5)),
        good | {"opportunity_id": "o1", "stage": "offer", "updated_at": "2026-10-12 12:00"},
        good
        | {"opportunity_id": "o2", "stage": "offer", "owner_id": "r2"}
        | {"updated_at": "2026-10-13 12:00"},
        good | {"opportunity_id": "o3", "stage": "", "updated_at": "2026-10-14 12:00"},
    ]
