"""The scorecard that is published with a night: the company's latest month, by no person."""

import logging
from pathlib import Path

from sales_support_kpi.config.links import Links
from sales_support_kpi.quality.docs import docs_index
from sales_support_kpi.report.dbt_docs import dbt_docs_page
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import SCORECARD


def write_pages(home: Home, directory: Path, links: Links) -> None:
    """Write `scorecard.html` beside a night's files, before the night is shown to anybody.

    It leads to the night's docs: where `links` says readers open them, else to where they lie in
    the home. A page never stops a night: what goes wrong here is logged, and the night has no page.
    """
    from sales_support_kpi.report.html import scorecard_html
    from sales_support_kpi.report.published import night_in
    from sales_support_kpi.report.scorecard import scorecards_of

    try:
        night = night_in(directory)
        docs, dbt_docs = docs_index(home, night.night), dbt_docs_page(home, night.night)
        data_docs = f"{links.data_docs}/{night.night}/index.html" if links.data_docs else None
        cards = scorecards_of(
            night,
            data_docs=data_docs or _from_within(directory, "data_docs", docs),
            dbt_docs=links.dbt_docs or _from_within(directory, "dbt_docs", dbt_docs),
        )
        (directory / SCORECARD).write_text(scorecard_html(*cards), encoding="utf-8")
    except Exception:  # anything within the drawing library
        logging.getLogger(__name__).exception("no scorecard was written to %s", directory)


def _from_within(directory: Path, name: str, page: Path | None) -> str | None:
    """The page by a link within the night's folder, which `published/current` leads to as well."""
    if page is None:
        return None
    (directory / name).symlink_to(Path("../../..", name, page.parent.name))
    return f"{name}/{page.name}"
