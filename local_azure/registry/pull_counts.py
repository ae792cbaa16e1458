"""How often manifests were pulled from a registry and pushed to it, by day: what Azure's metrics tell."""

from datetime import UTC, datetime
from typing import Final, Literal

from local_azure.state.store import Resource

Operation = Literal["pull", "push"]
COUNTS: Final = "counts"  # where a registry keeps them, hidden from ARM


def count(registry: Resource, operation: Operation, now: float) -> None:
    """One more today."""
    counted = registry.hidden.setdefault(COUNTS, {}).setdefault(operation, {})
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    counted[day] = counted.get(day, 0) + 1


def counted_by_day(registry: Resource, operation: str) -> dict[str, int]:
    """Day -> how many."""
    found: dict[str, int] = registry.hidden.get(COUNTS, {}).get(operation, {})
    return found
