"""The level of a series of weeks, and how far what follows may lie from it.

weekly values and how many cases each is of → local level model (statsmodels) → Level

A week's value is the level plus chance, and the more cases it is of the less chance; the level
itself drifts as a random walk. That is the local level model of Harvey (1989), "Forecasting,
structural time series models and the Kalman filter", and Durbin and Koopman (2012), "Time series
analysis by state space methods", chapter 2, with a known pattern of variances. The Kalman filter
is statsmodels'; the likelihood chooses the drift. A week without cases is a missing observation.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LEAST_POINTS = 8
MOST_POINTS = 52

_DRIFTS = (-6.0, 2.0)  # powers of ten: the drift of a week, in variances of a week's chance


@dataclass(frozen=True, slots=True)
class Level:
    """Where a series stands.

    Attributes:
        mean: the forecast of its next value, and of every later one.
        uncertainty: variance of the mean: the level is learnt, not known.
        drift: variance that a week adds to the level.
        noise: variance of the chance in one case (where values have no cases: in one value).
        points: how many values it was learnt from.
    """

    mean: float
    uncertainty: float
    drift: float
    noise: float
    points: int

    @property
    def degrees_of_freedom(self) -> int:
        """Of the variances: points less the two that are estimated, level and noise."""
        return self.points - 2

    def variance_of_mean(self, size: float, weeks: float) -> float:
        """Variance of the mean of so many cases, spread over the next weeks."""
        return self.uncertainty + self._drift_of_mean(weeks) + self.noise / size

    def variance_ahead(self, weeks: float) -> float:
        """Variance of one value that many weeks ahead."""
        return self.uncertainty + self.drift * weeks + self.noise

    def _drift_of_mean(self, weeks: float) -> float:
        """Variance of the mean of a random walk's next steps; at least one lies ahead."""
        steps = max(weeks, 1.0)
        return self.drift * (steps + 1) * (2 * steps + 1) / (6 * steps)


def level_of(
    values: Sequence[float | None],
    weights: Sequence[float] | None = None,
    least_noise: float = 0.0,
) -> Level | None:
    """Learn the level of a series; nothing from fewer points than a judgement needs.

    Args:
        values: one per week (or month), none where there is no data.
        weights: how many cases each value is of; left out: as many each.
        least_noise: a variance of one case that chance alone brings about.
    """
    kept = tuple(values)[-MOST_POINTS:]
    cases = (1.0,) * len(kept) if weights is None else tuple(weights)[-MOST_POINTS:]
    first = next((place for place, value in enumerate(kept) if value is not None), len(kept))
    kept, cases = kept[first:], cases[first:]
    known = [value for value in kept if value is not None]
    if len(known) < LEAST_POINTS:
        return None
    if max(known) - min(known) < 1e-12:
        cases_of_known = sum(c for v, c in zip(kept, cases, strict=True) if v is not None)
        return Level(known[-1], least_noise / cases_of_known, 0.0, least_noise, len(known))
    return _fitted(kept, cases, least_noise)


@lru_cache(maxsize=4096)  # a month and its quarter learn from the same weeks
def _fitted(
    values: tuple[float | None, ...], weights: tuple[float, ...], least_noise: float
) -> Level | None:
    import numpy as np

    known = [weight for value, weight in zip(values, weights, strict=True) if value is not None]
    usual = sum(known) / len(known)
    centre = math.fsum(v for v in values if v is not None) / len(known)
    deviations = np.array([math.nan if v is None else v - centre for v in values])
    scale = float(np.sqrt(np.nanmean(deviations**2)))
    model = _model_class()(
        deviations / scale,
        np.array(
            [w / usual if v is not None else 1.0 for v, w in zip(values, weights, strict=True)]
        ),
    )
    found, drift = _most_likely(model)
    noise = float(found.scale)
    least = least_noise / usual / scale**2
    if noise < least:  # no week can be surer than its cases: what is left over is drift
        model.fix_noise(least)
        found, drift = _most_likely(model)
        noise = least
    result = found.filter_results
    mean = float(result.filtered_state[0, -1]) * scale + centre
    uncertainty = float(result.filtered_state_cov[0, 0, -1]) * scale**2
    noise *= scale**2
    if not all(map(math.isfinite, (mean, noise, uncertainty))):
        return None
    return Level(mean, uncertainty, drift * noise, noise * usual, len(known))


def _most_likely(model: Any) -> tuple[Any, float]:  # noqa: ANN401 - a model of statsmodels
    """The filtered series with the drift that is most likely, and that drift."""
    from scipy.optimize import minimize_scalar

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit at the edge of its parameter is no mistake
        best = minimize_scalar(
            lambda power: -model.loglike([10**power]), bounds=_DRIFTS, method="bounded",
            options={"xatol": 1e-3},
        )  # fmt: skip
        is_still = model.loglike([0.0]) >= -float(best.fun)
        drift = 0.0 if is_still else 10 ** float(best.x)
        return model.filter([drift]), drift


@lru_cache(maxsize=1)
def _model_class() -> Any:  # noqa: ANN401 - a class of statsmodels, imported when it is needed
    import numpy as np
    from statsmodels.tsa.statespace.mlemodel import MLEModel

    class LocalLevel(MLEModel):  # type: ignore[misc]
        """A random walk seen through chance; one parameter, the noise is concentrated out."""

        start_params = (1.0,)
        param_names = ("drift",)

        def __init__(self, values: Any, weights: Any) -> None:  # noqa: ANN401
            super().__init__(
                values, k_states=1, k_posdef=1, initialization="approximate_diffuse",
                loglikelihood_burn=1,
            )  # fmt: skip
            for name in ("design", "transition", "selection"):
                self[name, 0, 0] = 1.0
            self.noise = 1.0
            self.shares = np.reshape(1 / weights, (1, 1, -1))
            self["obs_cov"] = self.shares
            self.ssm.filter_concentrated = True

        def fix_noise(self, noise: float) -> None:
            """Know the noise of a week of average size, instead of estimating it."""
            self.noise = noise
            self["obs_cov"] = self.shares * noise
            self.ssm.filter_concentrated = False

        def update(self, params: Any, **options: Any) -> None:  # noqa: ANN401
            """Set the drift, in variances of the noise."""
            self["state_cov", 0, 0] = super().update(params, **options)[0] * self.noise

    return LocalLevel


def half_widths(deviation: float, degrees_of_freedom: int) -> tuple[float, float]:
    """Half of the 80 % and of the 95 % interval, by Student's distribution."""
    from scipy.stats import t

    quantiles = (float(t.ppf(share, degrees_of_freedom)) for share in (0.9, 0.975))
    narrow, wide = (quantile * deviation for quantile in quantiles)
    return narrow, wide
