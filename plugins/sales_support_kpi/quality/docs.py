"""Data Docs: Great Expectations' own pages of a night, from what it said at both doors.

validations → data_docs/.validations/<night>/<door>.<suite>.json → data_docs/<night>/index.html

The pages are a view: what was found stands in landing (`quality_results`) and is published as
`data_quality`. They hold counts, names of columns and KPIs, no value of a record.
"""

import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sales_support_kpi.night import Night
from sales_support_kpi.quality.runner import quiet_context
from sales_support_kpi.settings import Home

_KEPT = ".validations"
_STYLES = "static/styles/doors.css"
# what the pages would fetch from other hosts: they have to open without a network, and tell nobody
_FOREIGN = re.compile(
    r"<script[^>]*\bsrc=\"https?://[^>]*>\s*</script>|<link[^>]*\bhref=\"https?://[^>]*>"
    r"|<img[^>]*\bsrc=\"https?://[^>]*>|<iframe[^>]*\bsrc=\"https?://[^>]*>\s*</iframe>"
)
_CSS = """
body { font-family: "Noto Sans KR", system-ui, sans-serif; font-size: 0.9rem; margin: 1rem 2rem; }
table { border-collapse: collapse; } td, th { border: 1px solid #ccc; padding: 0.25rem 0.5rem; }
td, th { text-align: left; vertical-align: top; } nav ol { padding: 0; }
nav li { display: inline; margin-right: 1rem; } .collapse { display: block !important; }
.badge { background: #eee; border-radius: 3px; padding: 0 0.25rem; } .badge-danger { color: #a00; }
.text-danger, .fa-times { color: #a00; } .text-success, .fa-check-circle { color: #080; }
.navbar img, #ge-cta-footer, .ge-walkthrough, .modal, footer { display: none; }
"""


def docs_index(home: Home, night: date) -> Path | None:
    """The first page of a night's Data Docs; none where there are none (any more)."""
    index = home.data_docs / night.isoformat() / "index.html"
    return index if index.is_file() else None


def keep_for_docs(home: Home, night: Night, name: str, validations: Sequence[Any]) -> None:
    """Lay down what Great Expectations said of something, until the night's pages are built.

    Pages for people never stop a night: what goes wrong here is logged.
    """
    try:
        folder = home.data_docs / _KEPT / night.date.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        for validation in validations:
            text = json.dumps(validation.to_json_dict(), ensure_ascii=False)
            aside = folder / f".{name}-{os.getpid()}"
            aside.write_text(text, encoding="utf-8")
            aside.replace(folder / f"{name}.{validation.suite_name}.json")
    except Exception:  # a full disk, or anything the library cannot say as JSON
        logging.getLogger(__name__).exception("nothing is kept of %s for the Data Docs", name)


def page_name(door: str, source: str, file: str = "") -> str:
    """What a page is called; the files of a drop box have a page each."""
    if not file:
        return f"{door}-{source}"
    slug = re.sub(r"\W+", "_", file).strip("_")
    return f"{door}-{source}-{slug}-{hashlib.sha256(file.encode()).hexdigest()[:6]}"


def build_docs(home: Home, night: Night, *, keep: int) -> Path | None:
    """Build the pages of a night anew and remove those of all but the last `keep` nights.

    Pages for people never stop a night: what goes wrong here is logged.
    """
    try:
        index = _build(home, night)
        prune_docs(home, keep)
    except Exception:  # anything within the library's renderers
        logging.getLogger(__name__).exception("the Data Docs of %s were not built", night.date)
        return None
    return index


def prune_docs(home: Home, keep: int) -> list[str]:
    """Remove the pages of all but the last nights, and what they were made of."""
    nights = sorted(
        {
            path.name
            for folder in (home.data_docs, home.data_docs / _KEPT)
            if folder.is_dir()
            for path in folder.iterdir()
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", path.name)
        }
    )
    for night in nights[:-keep]:
        for folder in (home.data_docs / night, home.data_docs / _KEPT / night):
            shutil.rmtree(folder, ignore_errors=True)
    return nights[:-keep]


def _build(home: Home, night: Night) -> Path | None:
    name = night.date.isoformat()
    kept = sorted((home.data_docs / _KEPT / name).glob("*.json"))
    if not kept:
        return None
    aside = home.data_docs / f".writing-{name}-{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _render(kept, night.as_of, aside)
        _free_of_other_hosts(aside)
        target = home.data_docs / name
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target / "index.html"


def _render(kept: Sequence[Path], as_of: datetime, into: Path) -> None:
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResultSchema,
    )
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    context = quiet_context()
    pages: dict[str, Any] = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(into),
        },
    }
    context.add_data_docs_site(site_name="night", site_config=pages)
    for file in kept:
        said = file.name.split(".", 1)[0]
        validation = ExpectationSuiteValidationResultSchema().load(
            json.loads(file.read_text(encoding="utf-8"))
        )
        key = ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(name=validation.suite_name),
            run_id=RunIdentifier(run_name=said, run_time=as_of),
            batch_identifier=said,
        )
        context.validation_results_store.set(key, validation)
    context.build_data_docs()


def _free_of_other_hosts(folder: Path) -> None:
    for unneeded in ("static/fonts", "static/images"):
        shutil.rmtree(folder / unneeded, ignore_errors=True)
    (folder / _STYLES).parent.mkdir(parents=True, exist_ok=True)
    (folder / _STYLES).write_text(_CSS, encoding="utf-8")
    for page in folder.rglob("*.html"):
        up = "../" * (len(page.relative_to(folder).parts) - 1)
        own = f'<link rel="stylesheet" href="{up}{_STYLES}"/></head>'
        text = _FOREIGN.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", own, 1), encoding="utf-8")
