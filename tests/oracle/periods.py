"""Days, ISO weeks, months, quarters and years as local dates."""

from datetime import date, timedelta

GRAINS = ("day", "week", "month", "quarter", "year")


def start_of(grain: str, day: date) -> date:
    """The first day of the period that holds a day."""
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return date(day.year, 1 + 3 * ((day.month - 1) // 3), 1)
    return date(day.year, 1, 1)


def next_start(grain: str, start: date) -> date:
    """The first day of the following period."""
    if grain == "day":
        return start + timedelta(days=1)
    if grain == "week":
        return start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    month = start.month - 1 + months
    return date(start.year + month // 12, 1 + month % 12, 1)
