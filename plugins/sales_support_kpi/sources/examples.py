"""One invented row per entity, for templates; a pair is (Korean, English)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute)  # noqa: DTZ001 - a spreadsheet has no zones


EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "employees": {
        "employee_id": "EX-E1", "name": ("홍길동 (예시)", "Jane Example"),
        "email": "jane@example.com", "team": ("영업지원1팀", "Support team 1"), "role": "support",
        "hired_on": date(2025, 1, 2),
    },
    "customers": {
        "customer_id": "EX-C1", "name": ("예시상사", "Example Trading"),
        "business_registration_no": "123-45-67891", "country": "KR",
        "contact_name": ("김예시", "John Sample"), "email": "contact@example.com",
        "phone": "02-0000-0000", "postal_code": "04524",
        "address": ("서울시 중구 예시로 1", "1 Example Road, Seoul"), "owner_id": "EX-E1",
        "steward_id": "EX-E1", "status": "prospect", "created_at": _at(2, 9),
    },
    "opportunities": {
        "opportunity_id": "EX-O1", "customer_id": "EX-C1", "owner_id": "EX-E1",
        "stage": ("제안", "proposal"), "amount": 1000000, "currency": "KRW",
        "close_date": date(2026, 3, 31), "next_step": ("견적 발송", "send the quote"),
        "is_closed": False, "is_won": False, "created_at": _at(5, 10), "updated_at": _at(6, 11),
    },
    "activities": {
        "activity_id": "EX-A1", "owner_id": "EX-E1", "customer_id": "EX-C1",
        "opportunity_id": "EX-O1", "type": ("방문", "visit"), "occurred_at": _at(6, 14),
        "recorded_at": _at(6, 17),
    },
    "contracts": {
        "contract_id": "EX-K1", "opportunity_id": "EX-O1", "customer_id": "EX-C1",
        "owner_id": "EX-E1", "support_owner_id": "EX-E1", "signed_at": _at(12, 15),
        "amount": 1000000, "currency": "KRW", "status": "signed",
    },
    "contract_steps": {
        "contract_id": "EX-K1", "step": "issue_contract", "completed_at": _at(12, 17),
        "assignee_id": "EX-E1",
    },
    "requests": {
        "request_id": "EX-R1", "kind": "proposal", "subject": ("예시 제안서", "Example proposal"),
        "requester_id": "EX-E2", "customer_id": "EX-C1", "assignee_id": "EX-E1",
        "channel": ("이메일", "e-mail"), "priority": ("보통", "normal"), "status": "done",
        "opened_at": _at(7, 9), "completed_at": _at(7, 10, 30),
    },
    "request_events": {
        "event_id": "EX-V1", "request_id": "EX-R1", "to_status": "done",
        "occurred_at": _at(7, 10, 30), "actor_id": "EX-E1",
    },
    "survey_responses": {
        "response_id": "EX-S1", "survey": "material_request", "request_id": "EX-R1",
        "respondent_id": "EX-E2", "score": 5, "scale_min": 1, "scale_max": 5,
        "comment": ("예시 의견", "An example"), "submitted_at": _at(8, 9),
    },
    "report_deliveries": {
        "delivery_id": "EX-D1", "report": "weekly_sales_trend", "delivered_at": _at(5, 8),
        "author_id": "EX-E1",
    },
    "meetings": {
        "meeting_id": "EX-M1", "kind": "weekly_sales", "team": ("영업1팀", "Sales team 1"),
        "held_at": _at(5, 10),
    },
    "report_uses": {"meeting_id": "EX-M1", "report": "weekly_sales_trend", "used": True},
    "insights": {
        "insight_id": "EX-I1", "author_id": "EX-E1", "title": ("예시 인사이트", "Example insight"),
        "provided_at": _at(9, 11), "accepted": True,
    },
    "materials": {
        "material_id": "EX-G1", "title": ("예시 가이드", "Example guide"), "owner_id": "EX-E1",
        "created_at": _at(2, 9),
    },
    "material_updates": {
        "update_id": "EX-U1", "material_id": "EX-G1", "updated_at": _at(15, 9),
        "author_id": "EX-E1",
    },
    "record_audits": {
        "audit_id": "EX-Q1", "customer_id": "EX-C1", "audited_at": _at(20, 9),
        "is_accurate": True, "field": ("전화번호", "phone"), "auditor_id": "EX-E1",
    },
}  # fmt: skip
