"""Update the dependency map with the cut-over: its actions replace the manual steps that they cover."""

from __future__ import annotations

from collections import defaultdict

from acr_relocate.core.cut_over.model import CutOver, CutOverAction
from acr_relocate.core.dependencies.model import Dependency, DependencyMap


def with_cut_over(drawn: DependencyMap, cut: CutOver) -> DependencyMap:
    """Return the map with the cut-over's actions, and with the manual steps that it refuses or leaves."""
    about: dict[str, list[CutOverAction]] = defaultdict(list)
    for action in (*cut.actions, *cut.deferred, *cut.switches):
        for one in action.about:
            about[one.lower()].append(action)
    settled = (_settled(entry, about.get(entry.id.lower(), [])) for entry in drawn.dependencies)
    return drawn.model_copy(update={"dependencies": tuple(settled)})


def _settled(entry: Dependency, actions: list[CutOverAction]) -> Dependency:
    done = [action for action in actions if not action.refused]
    if not entry.manual or not actions:
        return entry
    if not done:
        return entry.model_copy(update={"action": f"manual: {actions[0].refused}"})
    left = next((action.leaves for action in done if action.leaves), "")
    words = "; ".join(action.what for action in done)
    action = f"manual: what remains after the cut-over ({words})" if left else f"the cut-over: {words}"
    return entry.model_copy(update={"manual": bool(left), "command": left, "action": action})
