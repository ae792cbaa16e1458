"""How a fault is planted: each is registered under the code of the check that finds it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from tests.contract.planting import Planting

Plant = Callable[[Planting], Awaitable[Any]]


class Fault(NamedTuple):
    """How to plant it, and what else it comes with."""

    plant: Plant
    also: tuple[str, ...] = ()


FAULTS: Final[dict[str, Fault]] = {}


def fault(code: str, *also: str) -> Callable[[Plant], Plant]:
    """The function plants what the check of this name finds."""

    def register(plant: Plant) -> Plant:
        FAULTS[code] = Fault(plant, also)
        return plant

    return register
