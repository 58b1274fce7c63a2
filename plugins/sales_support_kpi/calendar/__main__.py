"""Show the coming weeks of the configured calendar: `python -m sales_support_kpi.calendar`."""

import sys
from datetime import UTC, datetime, timedelta

from sales_support_kpi.calendar.tables import days
from sales_support_kpi.config import load_config


def main() -> None:
    """Print four weeks, a day a line."""
    today = datetime.now(UTC).date()
    for row in days(load_config().company, today, today + timedelta(days=27)).to_pylist():
        state = "open" if row["is_open"] else "closed"
        sys.stdout.write(f"{row['date']:%a %Y-%m-%d} {state} {row['holiday_name'] or ''}\n")


if __name__ == "__main__":
    main()
