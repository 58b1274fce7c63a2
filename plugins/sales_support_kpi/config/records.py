"""`records:` of `company.yml`: what the advice on customer records is judged by."""

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from sales_support_kpi.config.base import Model, Str
from sales_support_kpi.config.problems import wrong


def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if "@" in word:
            raise wrong(f"{word!r} holds an @: write the part before it, or the domain, alone")
    return tuple(dict.fromkeys(word.casefold() for word in words))


Words = Annotated[tuple[Str, ...], AfterValidator(_folded)]


class Records(Model):
    """Limits of the rules beside the KPI; none of them decides whether a record is accurate.

    Attributes:
        contact_months: from when a record that nobody has touched asks to be confirmed.
        duplicate_probability: how likely two records have to be one customer to be a suspicion.
        most_alike: records on one key of the search; those of a larger one are not compared by it.
        test_domains: domains (and all below them) whose addresses reach nobody.
        role_addresses: what stands before the @ where no person is behind it.
    """

    contact_months: Annotated[int, Strict(), Field(ge=1, le=120)]
    duplicate_probability: Annotated[float, Strict(), Field(ge=0.7, lt=1)]
    most_alike: Annotated[int, Strict(), Field(ge=2, le=1000)]
    test_domains: Words
    role_addresses: Words
