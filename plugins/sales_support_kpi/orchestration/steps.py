"""The pipeline's steps as tasks call them: everything they pass on is small JSON.

Each task is a process of its own, so a step reads again what the step before it left on disk.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sales_support_kpi.orchestration.night import night_of_context
from sales_support_kpi.settings import Home, default_config_dir, default_home

if TYPE_CHECKING:
    from sales_support_kpi.warehouse.build import Build

Json = dict[str, Any]


def land(source_id: str, context: Mapping[str, Any]) -> Json:
    """Land one source for the run's night: extract, check at the in-door, accept or reject.

    Raises:
        AirflowException: the source failed; a retry may help.
        AirflowFailException: the load was rejected, or the system gives no more for today: trying
            again would end the same way.
    """
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config
    from sales_support_kpi.orchestration.connections import from_airflow
    from sales_support_kpi.sources.extract.credentials import found_by

    config = load_config(default_config_dir())
    night = night_of_context(context, config.company.timezone)
    since = pipeline.parse_since((context["dag_run"].conf or {}).get("since"), config)
    with found_by(from_airflow):
        outcome = pipeline.ingest(Home(default_home()), config, source_id, night, since=since)
    log = logging.getLogger(__name__)
    log.info("%s: %s, for the night %s", source_id, outcome.status, night.date)
    for note in outcome.notes:
        log.warning("%s: %s", source_id, note)
    if outcome.status == "failed":
        failure = AirflowFailException if outcome.is_final else AirflowException
        raise failure(f"{source_id}: {outcome.message}")
    if outcome.status == "rejected":
        raise AirflowFailException(f"{source_id}: the load was rejected: {outcome.message}")
    return {"status": outcome.status, "message": outcome.message}


def announcement(landed: Json | None, context: Mapping[str, Any]) -> Json:
    """What the asset event says: the night and how the landing went, failures included."""
    from sales_support_kpi.config import load_config

    night = night_of_context(context, load_config(default_config_dir()).company.timezone)
    outcome = landed or {"status": "failed", "message": "see the task `land`"}
    return {"night": night.date.isoformat(), **outcome}


def build(context: Mapping[str, Any]) -> Json:
    """Build the warehouse for the run's night, unless what is published says it already.

    Raises:
        AirflowSkipException: loads, config and `as_of` are those of what is published.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config

    config = load_config(default_config_dir())
    home = Home(default_home())
    night = night_of_context(context, config.company.timezone)
    if pipeline.is_published(home, config, night):
        raise AirflowSkipException(f"night {night.date} is published with all that has been landed")
    built = pipeline.build(home, config, night)
    return {"night": night.date.isoformat(), "inputs_hash": built.inputs_hash}


def audit(built: Json) -> Json:
    """Judge the build at the out-door.

    Raises:
        AirflowFailException: a critical check failed; the last good night stays.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config

    config = load_config(default_config_dir())
    home = Home(default_home())
    verdict = pipeline.audit(home, config, _same_build(home, built))
    if not verdict.may_publish:
        failed = "\n".join(result.sentence() for result in verdict.critical)
        raise AirflowFailException(f"not published, the last good night stays:\n{failed}")
    return {**built, "warnings": len(verdict.warnings), "withheld": sorted(verdict.withheld)}


def publish(audited: Json) -> Json:
    """Publish what was audited: written aside, then shown to the readers by one rename.

    What it returns is the event of the published asset: also where the night's pages are, as files
    of this machine and, in `links`, as readers open them.
    """
    from sales_support_kpi import pipeline
    from sales_support_kpi.addresses import files_of_night, night_addresses
    from sales_support_kpi.config import load_config

    config = load_config(default_config_dir())
    home = Home(default_home())
    built = _same_build(home, audited)
    publication = pipeline.publish(home, config, built, pipeline.read_verdict(home))
    night = publication.publish_id, built.night.date
    files = files_of_night(home, *night)
    for name, address in files.items():
        logging.getLogger(__name__).info("%s of the night: %s", name, address)
    links = night_addresses(home, config.company.links, *night)
    return {"publish_id": night[0], "night": audited["night"], **files, "links": links}


def serve() -> Json:
    """Make the database server show what is published.

    Raises:
        AirflowException: it still shows an earlier night; a retry may help.
    """
    from airflow.sdk.exceptions import AirflowException

    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config
    from sales_support_kpi.errors import SalesSupportKpiError
    from sales_support_kpi.orchestration.connections import from_airflow
    from sales_support_kpi.sources.extract.credentials import found_by

    try:
        with found_by(from_airflow):
            served = pipeline.serve(Home(default_home()), load_config(default_config_dir()))
    except SalesSupportKpiError as error:
        raise AirflowException(str(error)) from None
    return {"publish_id": served.publish_id, "rows": served.rows} if served else {}


def _same_build(home: Home, known: Json) -> "Build":
    """The build on disk, which has to be the one the step before spoke of.

    Raises:
        AirflowFailException: something else, such as `kpi run`, has built in between.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from sales_support_kpi import pipeline

    built = pipeline.read_build(home)
    if built.inputs_hash != known["inputs_hash"]:
        raise AirflowFailException(
            f"another run has built night {built.night.date} meanwhile; clear this run to build "
            f"night {known['night']} again"
        )
    return built
