"""The level of a series of weeks, and how far what follows may lie from it.

weekly values → simple exponential smoothing (statsmodels) → Level → mean and variance of the rest

The model is ETS(A,N,N), a local level with additive errors. Its variances are those of Hyndman,
Koehler, Ord and Snyder (2008), "Forecasting with exponential smoothing", and for what several
weeks bring together, of Snyder, Koehler, Hyndman and Ord (2004), "Exponential smoothing models:
means and variances for lead-time demand", European Journal of Operational Research 158.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LEAST_POINTS = 8
MOST_POINTS = 52


@dataclass(frozen=True, slots=True)
class Level:
    """Where a series stands.

    Attributes:
        mean: the forecast of its next value, and of every later one.
        smoothing: how much of a surprise stays: 0 a fixed mean, 1 a random walk.
        variance: of the one-step errors.
        points: how many values it was learnt from.
    """

    mean: float
    smoothing: float
    variance: float
    points: int

    @property
    def degrees_of_freedom(self) -> int:
        """Of the variance: points less the two parameters."""
        return self.points - 2

    def variance_of_mean(self, weeks: float) -> float:
        """Variance of the mean of the next weeks; part of a week is a smaller sample of one."""
        later = max(weeks - 1, 0.0)
        drift = self.smoothing * later / weeks
        drift += self.smoothing**2 * later * (2 * weeks - 1) / (6 * weeks)
        return self.variance * (1 / weeks + drift)

    def variance_ahead(self, weeks: float) -> float:
        """Variance of the value that many weeks ahead; 0 now."""
        if weeks < 1:
            return self.variance * weeks
        return self.variance * (1 + (weeks - 1) * self.smoothing**2)


def level_of(values: Sequence[float]) -> Level | None:
    """Learn the level of a series; nothing from fewer points than a judgement needs."""
    kept = tuple(values)[-MOST_POINTS:]
    if len(kept) < LEAST_POINTS:
        return None
    if max(kept) - min(kept) < 1e-12:
        return Level(kept[-1], 0.0, 0.0, len(kept))
    return _fitted(kept)


@lru_cache(maxsize=1024)  # a month and its quarter learn from the same weeks
def _fitted(values: tuple[float, ...]) -> Level | None:
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit at the edge of its parameters is no mistake
        fit = SimpleExpSmoothing(list(values), initialization_method="estimated").fit()
    mean, squares = float(fit.forecast(1)[0]), float(fit.sse)
    if not (math.isfinite(mean) and math.isfinite(squares)):
        return None
    smoothing = min(max(float(fit.params["smoothing_level"]), 0.0), 1.0)
    return Level(mean, smoothing, squares / (len(values) - 2), len(values))


def half_widths(deviation: float, degrees_of_freedom: int) -> tuple[float, float]:
    """Half of the 80 % and of the 95 % interval, by Student's distribution."""
    from scipy.stats import t

    quantiles = (float(t.ppf(share, degrees_of_freedom)) for share in (0.9, 0.975))
    narrow, wide = (quantile * deviation for quantile in quantiles)
    return narrow, wide
