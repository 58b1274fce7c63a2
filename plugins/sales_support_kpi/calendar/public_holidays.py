"""Public holidays of a country as the `holidays` library knows them, substitute days included."""

from collections.abc import Mapping
from datetime import date


def public_holidays(country: str | None, first: date, last: date) -> Mapping[date, str]:
    """Name of each holiday between two dates, in the country's own language; none without one."""
    if country is None:
        return {}
    import holidays

    known = holidays.country_holidays(country)
    # without a language the library would follow the environment's locale
    named = holidays.country_holidays(
        country, years=range(first.year, last.year + 1), language=known.default_language
    )
    return {day: name for day, name in named.items() if first <= day <= last}
