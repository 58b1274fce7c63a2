"""The rows of customers and of audits by hand.

Everything about a customer is invented: numbers of exchanges that do not exist, addresses under
reserved domains. Business numbers carry a right check digit unless the fault says otherwise.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sales_support_kpi.sandbox.columns import (
    chosen,
    flags,
    ids,
    instants,
    joined,
    masked,
    padded,
    words,
)
from sales_support_kpi.sandbox.customers import FAULT, STATUSES, Plan
from sales_support_kpi.sandbox.people import Staff
from sales_support_kpi.sandbox.rhythm import STARTS
from sales_support_kpi.sandbox.worktime import NEVER, Flags, Ints

_WORDS = (
    "가람", "나래", "다솔", "라온", "마루", "바론", "새빛", "아름", "자온", "찬누리",
    "큰솔", "터울", "푸른", "하람", "온새미", "별내", "달빛", "솔내", "이든", "예그리나",
)  # fmt: skip
_TRADES = (
    "상사", "테크", "물산", "소재", "유통", "시스템", "정공", "식품", "로지스", "디자인",
    "전자", "건설", "바이오", "교육", "미디어", "기계",
)  # fmt: skip
_LATIN = ("garam", "narae", "dasol", "raon", "maru", "baron", "saebit", "areum", "jaon", "nuri")
_FAMILY = ("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임")
_GIVEN = ("하나", "두리", "세나", "나루", "다온", "여름", "가을", "겨울", "새봄", "노을")
_ROADS = ("예시로", "가상대로", "모의길", "보기로", "별내로")
_SEGMENTS = ("enterprise", "mid", "small", None)
_COUNTRIES = ("US", "JP", "VN", "DE")
_FIELDS = ("phone", "address", "contact_name", "email")
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def business_numbers(number: Ints) -> tuple[Ints, Ints]:
    """Nine digits, different for each customer, and the check digit they need."""
    body = 101_010_001 + (number * 7_919_777) % 880_000_000
    digits = [body // 10 ** (8 - place) % 10 for place in range(9)]
    total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return body, (10 - (total + 5 * digits[8] // 10) % 10) % 10


def _business_number(planned: Plan, row: Ints, fault: Ints, borrows: Flags) -> pa.Array:
    body, check = business_numbers(planned.number[row] - borrows)
    check = np.where(fault == FAULT["business number with a wrong check digit"], check + 3, check)
    digits = padded(body * 10 + check % 10, 10)
    dashed = joined(
        pc.utf8_slice_codeunits(digits, 0, 3),
        pc.utf8_slice_codeunits(digits, 3, 5),
        pc.utf8_slice_codeunits(digits, 5, 10),
        separator="-",
    )
    text = chosen(planned.number[row] % 5 == 0, digits, dashed)
    return masked(text, (fault == FAULT["business number missing"]) | planned.is_foreign[row])


def _phone(planned: Plan, row: Ints, fault: Ints) -> pa.Array:
    number = planned.number[row]
    last4 = padded(number % 10_000, 4)
    styles = (
        joined("02-0000-", last4),
        joined("010-0000-", last4),
        joined("010 0000 ", last4),
        joined("031-000-", last4),
        joined("+82-10-0000-", last4),
        joined("070-0000-", last4),
    )
    text = styles[0]
    for code, style in enumerate(styles[1:], 1):
        text = chosen(number % len(styles) == code, style, text)
    text = chosen(planned.is_foreign[row], joined("+1 202-555-01", padded(number % 100, 2)), text)
    text = chosen(fault == FAULT["phone too short"], joined("02-", last4), text)
    return masked(text, fault == FAULT["phone missing"])


def _email(number: Ints, fault: Ints) -> pa.Array:
    name, domain = padded(number, 5), words(_LATIN, number % len(_LATIN))
    good = joined("contact", name, "@", domain, ".example")
    text = chosen(
        fault == FAULT["email without @"], joined("contact", name, ".", domain, ".example"), good
    )
    return masked(text, fault == FAULT["email missing"])


def _name(number: Ints, fault: Ints) -> pa.Array:
    first = words(_WORDS, number % len(_WORDS))
    second = words(_WORDS, number // 20 % 20 * 7 % 20)
    text = joined(first, second, words(_TRADES, number // 400 % len(_TRADES)))
    text = chosen(number >= 6400, joined(text, " ", padded(number // 6400, 1)), text)
    return masked(text, fault == FAULT["name missing"])


def customers_table(planned: Plan, staff: Staff) -> pa.Table:
    """All versions that had been written before the data was taken."""
    seen = staff.seen_before
    row, slot = np.nonzero(planned.start < seen)
    number, fault = planned.number[row], planned.fault[row, slot]
    start, created = planned.start[row, slot], planned.created[row]
    is_unstamped = (slot == 0) & (created >= STARTS[0]) & (number % 2 == 0)
    foreign = planned.is_foreign[row]
    owner = planned.owner[row, slot]
    owner = np.where(fault == FAULT["owner missing"], -1, owner)
    owner = np.where(fault == FAULT["owner unknown"], -2, owner)
    moved = number + slot // 3  # the contact changes with some versions
    postal = padded(10_000 + number * 37 % 60_000, 5)
    six_digits = fault == FAULT["postal code of six digits"]
    postal = chosen(six_digits, joined(pc.utf8_slice_codeunits(postal, 0, 3), "-", "123"), postal)
    country = chosen(number % 3 == 0, "KR", None)
    deleted = np.where(slot == planned.last[row], planned.deleted[row], NEVER)
    return pa.table(
        {
            "customer_id": ids("CUS-", number),
            "name": _name(number, fault),
            "business_registration_no": _business_number(
                planned, row, fault, planned.borrows[row, slot]
            ),
            "country": chosen(foreign, words(_COUNTRIES, number % 4), country),
            "contact_name": joined(words(_FAMILY, moved % 10), words(_GIVEN, moved // 10 % 10)),
            "email": _email(number, fault),
            "phone": _phone(planned, row, fault),
            "postal_code": masked(postal, fault == FAULT["postal code missing"]),
            "address": joined(
                "가상시 ", words(_ROADS, number % 5), " ", padded(number % 300 + 1 + slot // 4, 1)
            ),
            "segment": words(_SEGMENTS, number % 4),
            "owner_id": staff.employee_ids(owner),
            "steward_id": staff.employee_ids(planned.steward[row]),
            "status": words(STATUSES, planned.status[row, slot]),
            "created_at": instants(created, seen),
            # some newcomers were never stamped: they begin when the record was made
            "updated_at": instants(np.where(is_unstamped, NEVER, start), seen),
            "deleted_at": instants(deleted, seen),
        }
    )


def audits_table(planned: Plan, staff: Staff) -> pa.Table:
    """One audit of a sample of records, and a second one where a finding was put right."""
    parts = (
        ("1", planned.audited, ~planned.is_found_wrong),
        ("2", planned.corrected, np.ones(len(planned.number), dtype=bool)),
    )
    tables = []
    for suffix, at, is_right in parts:
        keep = (at < staff.seen_before) & (at < planned.deleted)
        number = planned.number[keep]
        tables.append(
            pa.table(
                {
                    "audit_id": ids("AUD-", number, suffix=f"-{suffix}"),
                    "customer_id": ids("CUS-", number),
                    "audited_at": instants(at[keep], staff.seen_before),
                    "is_accurate": flags(is_right[keep]),
                    "field": masked(words(_FIELDS, number % 4), is_right[keep]),
                    "auditor_id": staff.employee_ids(np.full(len(number), 1)),
                    "note": chosen(is_right[keep], None, "통화로 확인한 값과 다름"),
                }
            )
        )
    return pa.concat_tables(tables)
