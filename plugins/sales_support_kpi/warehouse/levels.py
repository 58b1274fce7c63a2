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
        past: the values, and before each of them the level that was expected.
    """

    mean: float
    smoothing: float
    variance: float
    points: int
    past: tuple[tuple[float, float], ...] = ()

    @property
    def degrees_of_freedom(self) -> int:
        """Of the variance: points less the two parameters."""
        return self.points - 2

    def variance_of_mean(self, weeks: float) -> float:
        """Variance of the mean of the next weeks; part of a week is a smaller sample of one.

        The model's, or where neighbouring weeks err alike, the larger one its past shows.
        """
        later = max(weeks - 1, 0.0)
        drift = self.smoothing * later / weeks
        drift += self.smoothing**2 * later * (2 * weeks - 1) / (6 * weeks)
        together = max(round(weeks), 1)
        shown = self._shown_variance(together) * together / weeks
        return max(self.variance * (1 / weeks + drift), shown)

    def _shown_variance(self, weeks: int) -> float:
        """Mean squared error of the level for so many weeks together, over the past."""
        starts = range(len(self.past) - weeks + 1)
        if len(starts) < LEAST_POINTS:
            return 0.0
        errors = [
            sum(value for value, _ in self.past[start : start + weeks]) / weeks
            - self.past[start][1]
            for start in starts
        ]
        return sum(error**2 for error in errors) / len(errors)

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
    past = tuple(zip(values, map(float, fit.fittedvalues), strict=True))
    return Level(mean, smoothing, squares / (len(values) - 2), len(values), past)


def half_widths(deviation: float, degrees_of_freedom: int) -> tuple[float, float]:
    """Half of the 80 % and of the 95 % interval, by Student's distribution."""
    from scipy.stats import t

    quantiles = (float(t.ppf(share, degrees_of_freedom)) for share in (0.9, 0.975))
    narrow, wide = (quantile * deviation for quantile in quantiles)
    return narrow, wide
