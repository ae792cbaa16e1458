"""Tasks of other registries: what names the source in their steps, and how they sign in to it.

A text is recorded as its place and a digest, never as its value. The source's login server becomes the target's and
back; the digest proves that the way back leads to the same bytes. What Azure computes for itself, such as the
dependencies on base images, follows from the next build.

Source: Tasks - Update (2025-03-01-preview); `az acr task credential remove`, which sends null for a login server.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final, get_args

from acr_relocate.core.dependencies.raw_surroundings import properties
from acr_relocate.core.registry.mentions import names_in_text, texts_in
from acr_relocate.core.registry.resource_types import TASKS
from acr_relocate.core.switching.facts import DependentHealth, SwitchedDependent
from acr_relocate.core.switching.former_values import FormerEntry, FormerText, TaskPlace
from acr_relocate.core.switching.writes import SwitchWrite

Json = dict[str, Any]
WHY_LEFT: Final = "left"
"""Where a reduced cache rule or task has the reason why it is left to people."""

_PLACES: Final[tuple[TaskPlace, ...]] = get_args(TaskPlace)


class TaskNames:
    """The names of one registry in a task, and their exchange for those of another."""

    def __init__(self, server: str, registry_id: str) -> None:
        self.server = server
        self._any = names_in_text(server, registry_id)
        self._exact = re.compile(rf"(?<![\w.-]){re.escape(server)}(?![\w-]|\.\w)")

    def places(self, task: Json) -> tuple[str, ...]:
        """Return the paths in its properties that name the registry."""
        return tuple(sorted({path for path, text in texts_in(properties(task)) if self._any.search(text)}))

    def replaced(self, place: str, value: Any, other: str) -> Any:
        """Return the value of the place with the other login server; what is encoded is encoded again."""
        if isinstance(value, list):
            return [self.replaced(place, one, other) for one in value]
        if isinstance(value, dict):
            return {name: self.replaced(place, one, other) for name, one in value.items()}
        if not isinstance(value, str):
            return value
        if not place.startswith("encoded"):
            return self._exact.sub(other, value)
        text = base64.b64decode(value).decode()
        return base64.b64encode(self._exact.sub(other, text).encode()).decode()


def why_task_not_switched(task: Json, names: TaskNames, target: TaskNames | None = None) -> str:
    """Return why the task is left to people, or an empty string. `target`: the names of the target, where known."""
    if properties(task).get("isSystemTask"):
        return "Azure makes and changes it"
    if _hides_login(task, names.server) or (target and _hides_login(task, target.server)):
        return "Azure does not show how it signs in: with a user name and a password, which this service never reads"
    login, step, places = _login(task, names.server), properties(task).get("step") or {}, _places_in_step(task, names)
    if login is not None and (login.get("userName") or login.get("password") or not login.get("identity")):
        return "it signs in with a user name and a password, which this service never reads"
    if not places and login is None:
        return "the name of the source is not in the task itself: change the repository that it builds"
    return next(filter(None, (_why_text_stays(one, step[one], names, target) for one in places)), "")


def _why_text_stays(place: str, value: Any, names: TaskNames, target: TaskNames | None) -> str:
    """Return why this text of a task cannot be changed and restored to the byte, or an empty string."""
    if isinstance(value, list) and any(isinstance(one, dict) and one.get("isSecret") for one in value):
        return f"its {place} have secret values, which Azure does not show and would lose"
    if place.startswith("encoded") and not _is_plain_base64(value):
        return f"its {place} is encoded in a way that could not be restored to the byte"
    if names.places(_with(place, names.replaced(place, value, "another.invalid"))):
        return f"its {place} has the source's name in a form that could not be restored to the byte"
    if target and target.places(_with(place, value)):
        return f"its {place} names the target already, so the way back could not be told"
    return ""


def _with(place: str, value: Any) -> Json:
    return {"properties": {"step": {place: value}}}


def reduced_task(task: Json, names: TaskNames) -> Json:
    """Return what a plan may keep of the task: how it signs in to the source, and why it is left to people."""
    login = _login(task, names.server) or {}
    logins = {_key(task, names.server): {"identity": login["identity"]}} if login.get("identity") else {}
    kept = {name: task.get(name) for name in ("id", "name", "location", "tags")}
    own = {"credentials": {"customRegistries": logins}} if logins else {}
    return kept | {"properties": own, WHY_LEFT: why_task_not_switched(task, names)}


def facts_of_task(task: Json, names: TaskNames, *, registry_id: str, target_server: str) -> SwitchedDependent:
    """Return the former value of the task, which names the source; of a reduced one without its texts."""
    login, step = _login(task, names.server), properties(task).get("step") or {}
    entry = login and FormerEntry(server=_key(task, names.server), identity=login["identity"], position=0)
    return SwitchedDependent(
        registry_id=registry_id.lower(),
        kind="downstream_task",
        dependent_id=str(task["id"]),
        source_server=names.server,
        target_server=target_server,
        texts=tuple(FormerText(place=one, digest=_digest(step[one])) for one in _places_in_step(task, names)),
        entry=entry or None,
        adds_entry=bool(entry) and _login(task, target_server) is None,
    )


def task_to_target(task: Json, facts: SwitchedDependent) -> tuple[SwitchWrite, ...]:
    """Return the patch of the steps that name the source, and of the target's login; none if all is done."""
    step = {place: new for place, new, former in _texts(task, facts) if former}
    logins = {}
    if facts.entry and facts.adds_entry and _login(task, facts.target_server) is None:
        logins = {facts.target_server: {"identity": facts.entry.identity}}
    return _patch(task, facts, step, logins)


def task_to_source(task: Json, facts: SwitchedDependent) -> tuple[SwitchWrite, ...]:
    """Return the patch that restores the former value; none if the task has it."""
    step = {place: old for place, old, former in _texts(task, facts) if not former}
    logins: dict[str, Json | None] = {}
    if facts.entry and _login(task, facts.source_server) is None:
        logins[facts.entry.server] = {"identity": facts.entry.identity}
    if facts.adds_entry and _login(task, facts.target_server) is not None:
        logins[_key(task, facts.target_server)] = None
    return _patch(task, facts, step, logins)


def task_without_source(task: Json, facts: SwitchedDependent) -> tuple[SwitchWrite, ...]:
    """Return the patch that takes the source's login away; none if it has none."""
    if facts.entry is None or _login(task, facts.source_server) is None:
        return ()
    return _patch(task, facts, {}, {_key(task, facts.source_server): None})


def task_changed_since(task: Json, facts: SwitchedDependent) -> str:
    """Return what somebody else has changed of that which the switch changes, or an empty string."""
    step = properties(task).get("step") or {}
    known = {place for place, _, _ in _texts(task, facts)}
    if changed := sorted(one.place for one in facts.texts if one.place not in known):
        return f"its {', '.join(changed)} {'is another' if changed[0] in step else 'is gone'}"
    logins = [_login(task, server) for server in (facts.source_server, facts.target_server)]
    if facts.entry and not any(login and login.get("identity") == facts.entry.identity for login in logins):
        return "it signs in to neither registry as before"
    return ""


def task_health(task: Json) -> DependentHealth:
    """Return whether Azure has accepted the task; its next run is the proof."""
    state = str(properties(task).get("provisioningState") or "unknown")
    if state.lower() == "failed":
        return DependentHealth("failed", f"it is {state}")
    return DependentHealth("ready" if state.lower() == "succeeded" else "waiting", f"it is {state}")


def _texts(task: Json, facts: SwitchedDependent) -> Iterator[tuple[str, Any, bool]]:
    """Yield each place with the value that it does not have now, and whether it has the former one; no other place."""
    step = properties(task).get("step") or {}
    here, there = (TaskNames(one, facts.registry_id) for one in (facts.source_server, facts.target_server))
    for one in facts.texts:
        now = step.get(one.place)
        if now is None or (one.place.startswith("encoded") and not _is_plain_base64(now)):
            continue
        back = there.replaced(one.place, now, facts.source_server)
        if _digest(now) == one.digest:
            yield one.place, here.replaced(one.place, now, facts.target_server), True
        elif _digest(back) == one.digest:
            yield one.place, back, False


def _patch(task: Json, facts: SwitchedDependent, step: Json, logins: Any) -> tuple[SwitchWrite, ...]:
    own: Json = {}
    if step:
        own["step"] = {"type": (properties(task).get("step") or {}).get("type"), **step}
    if logins:
        own["credentials"] = {"customRegistries": dict(logins)}
    return (SwitchWrite("PATCH", facts.dependent_id, TASKS, {"properties": own}),) if own else ()


def _places_in_step(task: Json, names: TaskNames) -> list[TaskPlace]:
    step = properties(task).get("step") or {}
    return [one for one in _PLACES if one in step and names.places(_with(one, step[one]))]


def _logins(task: Json) -> dict[str, Json]:
    return (properties(task).get("credentials") or {}).get("customRegistries") or {}


def _key(task: Json, server: str) -> str:
    """Return the login server as the task writes it."""
    return next((one for one in _logins(task) if one.lower() == server.lower()), server)


def _login(task: Json, server: str) -> Json | None:
    return _logins(task).get(_key(task, server))


def _hides_login(task: Json, server: str) -> bool:
    """Return whether the task signs in to the registry in a way that Azure shows as null."""
    key = _key(task, server)
    return key in _logins(task) and not isinstance(_logins(task)[key], dict)


def _is_plain_base64(value: object) -> bool:
    try:
        return base64.b64encode(base64.b64decode(str(value), validate=True).decode().encode()).decode() == str(value)
    except ValueError:
        return False


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
