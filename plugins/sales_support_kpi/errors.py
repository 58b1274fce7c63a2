"""Every error the product raises on purpose: one clear sentence and the exit code of the CLI."""

from collections.abc import Sequence


class SalesSupportKpiError(Exception):
    """Base of all expected errors; the message is meant for the person at the terminal."""

    exit_code = 1


class ConfigError(SalesSupportKpiError):
    """The configuration cannot be used; carries *all* problems found, not only the first."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class InputError(SalesSupportKpiError):
    """An input cannot be read at all (missing, empty, unknown sheet, missing column)."""

    exit_code = 2


class UsageError(SalesSupportKpiError):
    """The command was given something that makes no sense (unknown KPI, night, scope)."""

    exit_code = 2


class AuditFailed(SalesSupportKpiError):
    """A critical check failed: nothing was published, the last good night stays."""

    exit_code = 3


class NoAcceptedLoad(SalesSupportKpiError):
    """Nothing usable has ever been landed for what the night needs."""

    exit_code = 3


class HomeBusy(SalesSupportKpiError):
    """Another run is writing to the same home."""


class BuildFailed(SalesSupportKpiError):
    """dbt could not build the warehouse; the message names the first failing node."""
