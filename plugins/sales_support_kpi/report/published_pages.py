"""The scorecard that is published with a night: the company's latest month, by no person."""

import logging
from pathlib import Path

from sales_support_kpi.config.links import Links
from sales_support_kpi.warehouse.published import SCORECARD


def write_pages(directory: Path, links: Links) -> None:
    """Write `scorecard.html` beside a night's files, before the night is shown to anybody.

    A page never stops a night: what goes wrong here is logged, and the night has no page.
    """
    from sales_support_kpi.report.html import scorecard_html
    from sales_support_kpi.report.published import night_in
    from sales_support_kpi.report.scorecard import scorecards_of

    try:
        night = night_in(directory)
        docs = f"{links.data_docs}/{night.night}/index.html" if links.data_docs else None
        page = scorecard_html(*scorecards_of(night, data_docs=docs, dbt_docs=links.dbt_docs))
        (directory / SCORECARD).write_text(page, encoding="utf-8")
    except Exception:  # anything within the drawing library
        logging.getLogger(__name__).exception("no scorecard was written to %s", directory)
