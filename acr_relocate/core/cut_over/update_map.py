"""Update the dependency map with the cut-over: its actions replace the manual steps that they cover."""

from __future__ import annotations

from collections import defaultdict

from acr_relocate.core.cut_over.model import CutOver, CutOverAction
from acr_relocate.core.dependencies.model import Dependency, DependencyMap, ordered
from acr_relocate.core.registry.resource_ids import ResourceId


def with_cut_over(drawn: DependencyMap, cut: CutOver) -> DependencyMap:
    """Return the map with the cut-over's actions, and with the manual steps that it refuses or leaves."""
    about: dict[str, list[CutOverAction]] = defaultdict(list)
    for action in (*cut.actions, *cut.deferred, *cut.switches):
        for one in action.about:
            about[one.lower()].append(action)
    settled = (_settled(entry, about.get(entry.id.lower(), [])) for entry in drawn.dependencies)
    shown = {entry.id.lower() for entry in drawn.dependencies}
    remaining = (_remaining(action) for action in cut.actions if _is_settled_already(action, shown))
    return drawn.model_copy(update={"dependencies": ordered((*settled, *remaining))})


def _settled(entry: Dependency, actions: list[CutOverAction]) -> Dependency:
    done = [action for action in actions if not action.refused]
    if not entry.manual or not actions:
        return entry
    if not done:
        return entry.model_copy(update={"action": f"manual: {actions[0].refused}"})
    left = next((action.leaves for action in done if action.leaves), "")
    words = "; ".join(action.what for action in done)
    action = _partly_done(words) if left else f"the cut-over: {words}"
    return entry.model_copy(update={"manual": bool(left), "command": left, "action": action})


def _is_settled_already(action: CutOverAction, shown: set[str]) -> bool:
    """Return whether the resource has left the map of the source, because it names the target by now."""
    is_gone = bool(action.about) and not shown.intersection(one.lower() for one in action.about)
    return is_gone and bool(action.leaves) and not action.refused


def _remaining(action: CutOverAction) -> Dependency:
    """Return the manual steps that the action leaves: Azure does not show whether a person has done them since.

    Without them a second cut-over would drop the step from the report and from the script of the first.
    """
    return Dependency(
        kind=action.kind,
        name=ResourceId(action.call.path).name,
        id=action.about[0],
        group=ResourceId(action.call.path).group,
        tie="it names the target by now",
        found="Resource Graph",
        strategy="re-wired",
        action=_partly_done(action.what),
        manual=True,
        command=action.leaves,
    )


def _partly_done(words: str) -> str:
    return f"manual: the cut-over does only this: {words}"
