"""The demo company's ids as each system numbers them: `e01`, `CUS-00000042` → a vendor's id."""

from sales_support_kpi.sandbox.servers.salesforce_org import record_id

NOBODY = 999  # whom no other system knows
_PREFIXES = {"e": "005", "CUS": "001", "OPP": "006", "CON": "800"}


def number(own_id: str) -> int:
    """The number in one of the company's own ids; `x99` is nobody's."""
    return NOBODY if own_id.startswith("x") else int("".join(filter(str.isdigit, own_id)))


def salesforce_id(own_id: str | None) -> str | None:
    """The id of 18 characters of a person, a customer, an opportunity or a contract."""
    if own_id is None:
        return None
    head = "e" if own_id[0] in "ex" else own_id[:3]
    return record_id(_PREFIXES[head], number(own_id))


def ticket_id(request_id: str) -> int:
    """The ticket's number."""
    return number(request_id)


def user_id(employee_id: str) -> int:
    """The number of a user of the helpdesk."""
    return 900_000_000 + number(employee_id)


def organization_id(customer_id: str) -> int:
    """The number of an organisation of the helpdesk."""
    return 800_000_000 + number(customer_id)


def response_number(response_id: str) -> int:
    """The number of an answer to a survey: `SUR-00000730-a`, `SUR-00000009-onboarding-1`."""
    head, *_, last = response_id.removeprefix("SUR-").split("-")
    nth = 10 + int(last) if last.isdigit() else ord(last) - ord("a")
    return 100_000_000 + int(head) * 100 + nth
