"""How long work tells whoever watches how far it is."""

from typing import Protocol


class Progress(Protocol):
    """What long work calls while it works."""

    def __call__(
        self,
        step: str,
        *,
        done: int | None = None,
        total: int | None = None,
        is_finished: bool = False,
        detail: str = "",
    ) -> None:
        """Say how far a step is; the first call begins it."""


def silent(step: str, **_: object) -> None:
    """Nobody watches."""
