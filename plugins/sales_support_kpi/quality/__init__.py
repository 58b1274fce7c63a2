"""The two doors: run the suites of `expectations/`, decide by severity.

`quality.indoor.judge` for a load, `quality.audit` for a build. Great Expectations takes seconds to
import, so it is imported once per process, when something is first judged.
"""

from typing import TYPE_CHECKING

from sales_support_kpi.quality.results import CheckResult, Verdict

if TYPE_CHECKING:
    from sales_support_kpi.config import Config
    from sales_support_kpi.settings import Home
    from sales_support_kpi.warehouse.inputs import BuildLike

__all__ = ["CheckResult", "Verdict", "audit"]


def audit(home: "Home", config: "Config", build: "BuildLike") -> Verdict:
    """Judge a build before anybody reads it; what was found is landed as `ops`."""
    from sales_support_kpi.quality import outdoor

    return outdoor.audit(home, config, build)
