"""Run a suite over a narrow frame and tell passed, failed, error and no data apart.

Great Expectations says only success or not: an empty column passes, a check that could not be made
looks like one that failed, and what is not a number is skipped like what is not there. Here the
first two have outcomes of their own, and a number that is not finite has failed.
"""

import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from sales_support_kpi.quality.results import CheckResult, Door, Outcome

Frame = Sequence[Mapping[str, Any]]

_MOST_SHOWN = 5
_SUMMARY = {"result_format": "SUMMARY", "partial_unexpected_count": 10_000}


_kept: ContextVar[list[Any] | None] = ContextVar("validations", default=None)


@contextmanager
def keeping_validations() -> Iterator[list[Any]]:
    """Collect what Great Expectations itself says meanwhile, for its Data Docs."""
    kept: list[Any] = []
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


def unmade(suite: Any, reason: str, *, door: Door) -> list[CheckResult]:  # noqa: ANN401
    """The results of a suite whose frame could not be read: every check is an error."""
    bases = (_base(e, suite.name, door) for e in suite.expectations)
    return [_result(base, "error", reason) for base in bases]


def run_suite(
    suite: Any,  # noqa: ANN401 - great_expectations is imported late
    frame: Frame,
    *,
    door: Door,
    index: str | None = None,
    breaches: Mapping[str, str] | None = None,
) -> list[CheckResult]:
    """Judge a frame.

    Args:
        suite: built by a function of `expectations/`.
        frame: the rows; narrow, since all of it is handed to pandas.
        door: where the suite stands.
        index: a column that names the rows: then there is a result per row and expectation,
            `kpi_id` naming KPIs and anything else subjects. Otherwise one per expectation.
        breaches: per KPI what a breach leads to, for expectations that leave it to the KPI;
            where nothing is said it is withheld.
    """
    results: list[CheckResult] = []
    judged = []
    for expectation in suite.expectations:
        base = _base(expectation, suite.name, door)
        # an all-empty column passes in Great Expectations; it is also the slowest way to say so
        if all(row.get(expectation.column, "") is None for row in frame):
            results += _nothing(base, frame, index)
        else:
            judged.append(expectation)
    if not judged:
        return results
    named = index if len(frame) > 1 else None
    bases = {
        expectation.meta["check"]: _base(expectation, suite.name, door) for expectation in judged
    }
    for result in _validate(suite.name, judged, frame, named):
        said = result.expectation_config
        base = bases[said.meta["check"]]
        column = said.kwargs["column"]
        if index is None:
            results.append(_whole(base, result, frame, column))
        else:
            results += _by_row(base, result, frame, column, index, breaches or {})
    order = [expectation.meta["check"] for expectation in suite.expectations]
    return sorted(results, key=lambda result: order.index(result.check))


def _validate(
    name: str,
    expectations: Sequence[Any],
    frame: Frame,
    index: str | None,
) -> Iterable[Any]:
    import great_expectations as gx
    import pandas as pd

    suite = gx.ExpectationSuite(name=name, expectations=list(expectations))
    batch = _batch_definition().get_batch({"dataframe": pd.DataFrame(list(frame))})
    columns = {"unexpected_index_column_names": [index]} if index else {}
    validation = batch.validate(suite, result_format={**_SUMMARY, **columns})
    for result in validation.results:
        if any(_is_broken(row.get(result.expectation_config.kwargs["column"])) for row in frame):
            result.success = validation.success = False
    kept = _kept.get()
    if kept is not None:
        kept.append(validation)
    return list(validation.results)


def _nothing(base: Mapping[str, Any], frame: Frame, index: str | None) -> list[CheckResult]:
    """The results of an expectation whose column is empty, or that has no row to judge."""
    if index is None or not frame:
        return [_result(base, "no_data", "")]
    kind = "kpi_id" if index == "kpi_id" else "subject"
    return [_result({**base, kind: row[index]}, "no_data", "") for row in frame]


def quiet_context() -> Any:  # noqa: ANN401
    """A context in memory: no bars, no analytics, no folder of its own."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    config = DataContextConfig(store_backend_defaults=stores, analytics_enabled=False)
    context = gx.get_context(mode="ephemeral", project_config=config)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


@cache
def _batch_definition() -> Any:  # noqa: ANN401
    """One context per process: importing and setting it up costs seconds, a frame milliseconds."""
    asset = quiet_context().data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _base(
    expectation: Any,  # noqa: ANN401 - great_expectations is imported late
    suite: str,
    door: Door,
) -> dict[str, Any]:
    meta, severity = expectation.meta, expectation.severity
    is_floor = expectation.max_value is None
    return {
        "door": door,
        "suite": suite,
        "check": meta["check"],
        "kpi_id": meta["kpi_id"],
        "severity": getattr(severity, "value", severity),
        "expected": meta["expected"],
        "why": meta["why"],
        "owner": meta["owner"],
        "on_breach": meta["on_breach"],
        "may_be_empty": meta["may_be_empty"],
        "shows": meta["shows"],
        "threshold": float(expectation.min_value if is_floor else expectation.max_value),
        "bound": "min" if is_floor else "max",
    }


def _whole(
    base: Mapping[str, Any],
    result: Any,  # noqa: ANN401
    frame: Frame,
    column: str,
) -> CheckResult:
    """One result for all rows together."""
    seen = [row[base["shows"] or column] for row in frame if row.get(column) is not None]
    outcome = _outcome(result, is_empty=not seen)
    numbers = [float(row[column]) for row in frame if row.get(column) is not None]
    worst = min if base["bound"] == "min" else max
    value = worst(numbers) if numbers and not any(map(_is_broken, numbers)) else None
    return _result(base, outcome, _error_text(result) or _shown(seen), value)


def _by_row(
    base: Mapping[str, Any],
    result: Any,  # noqa: ANN401
    frame: Frame,
    column: str,
    index: str,
    breaches: Mapping[str, str],
) -> list[CheckResult]:
    """A result for each row; one for all of them when the check could not be made."""
    error = _error_text(result)
    if error:
        return [_result(base, "error", error)]
    if len(frame) == 1:
        failing = set() if result.success else {frame[0][index]}
    else:
        listed = result.result.get("partial_unexpected_index_list") or ()
        failing = {row[index] for row in listed}
    made = []
    for row in frame:
        name = row[index]
        is_failing = name in failing or _is_broken(row[column])
        outcome: Outcome = "failed" if is_failing else "passed"
        if row[column] is None:
            outcome = "no_data"
        about = {"kpi_id": name} if index == "kpi_id" else {"subject": name}
        if base["on_breach"] == "kpi":
            about["on_breach"] = breaches.get(name, "withhold")
        shown = _shown([row[base["shows"] or column]])
        made.append(_result({**base, **about}, outcome, shown, row[column]))
    return made


def _result(
    base: Mapping[str, Any], outcome: Outcome, observed: str, value: float | None = None
) -> CheckResult:
    said = {name: one for name, one in base.items() if name != "shows"}
    if said["on_breach"] == "kpi":
        said["on_breach"] = "stop"
    number = None if value is None or _is_broken(value) else float(value)
    return CheckResult(**said, outcome=outcome, observed=observed, value=number)


def _is_broken(value: object) -> bool:
    """Whether it is NaN or infinite: no threshold can be held against it."""
    return isinstance(value, float) and not math.isfinite(value)


def _outcome(result: Any, *, is_empty: bool) -> Outcome:  # noqa: ANN401
    if _error_text(result):
        return "error"
    if is_empty:
        return "no_data"
    return "passed" if result.success else "failed"


def _error_text(result: Any) -> str:  # noqa: ANN401
    """What went wrong in making the check; GX nests it by metric when a column is missing."""
    info = result.exception_info or {}
    if "raised_exception" in info:
        infos = [info]
    else:
        infos = [one for one in info.values() if isinstance(one, Mapping)]
    for one in infos:
        if one.get("raised_exception"):
            return str(one.get("exception_message") or "unknown error").splitlines()[0]
    return ""


def _shown(values: Sequence[Any]) -> str:
    texts = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in values if v is not None]
    rest = f" … ({len(texts)} in all)" if len(texts) > _MOST_SHOWN else ""
    return ", ".join(texts[:_MOST_SHOWN]) + rest
