"""ACR tasks: moved if Azure shows their full definition. Withheld secrets cannot be recreated."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.target.children import agent_pools
from acr_relocate.core.target.children.move import Move, Moved, carried, note

NO_CONTEXT: Final = frozenset({"", "/dev/null"})


def rewrite_task(child: Child, move: Move) -> Moved:
    """Return the task in the target's region, unless part of it is withheld; Azure creates system tasks itself.

    A task with triggers is deployed disabled (core/target.py): at both registries it would build, or purge, twice.
    """
    if child.properties.get("isSystemTask"):
        return None, ()
    if missing := [*_withheld(child.properties), *_pool_that_stays(child, move)]:
        message = f"Task {child.name} is not created at the target: it needs {'; '.join(missing)}."
        remedy = f"With these: az acr task create --registry {move.request.target.name} --name {child.name}"
        return None, (note("by_hand", "warning", child, message, remedy),)
    return carried(child, location=move.location), tuple(_notes(child, move))


def _withheld(task: dict[str, Any]) -> Iterator[str]:
    """Yield the parts of the definition that Azure withholds, or may withhold."""
    step, trigger = task.get("step") or {}, task.get("trigger") or {}
    if not step:
        yield "its steps, which Azure does not show"
    secret = [
        entry["name"] for key in ("arguments", "values") for entry in step.get(key) or () if entry.get("isSecret")
    ]
    if secret:
        yield f"the values of its secret arguments {', '.join(secret)}"
    context = str(step.get("contextPath") or "")
    if context not in NO_CONTEXT and not context.startswith("oci://"):
        yield f"the access token of its context {context}, if that has one"
    for source in trigger.get("sourceTriggers") or ():
        repository = (source.get("sourceRepository") or {}).get("repositoryUrl", "its repository")
        yield f"an access token for {repository}, which its source trigger {source.get('name')} watches"
    for host, login in ((task.get("credentials") or {}).get("customRegistries") or {}).items():
        if not isinstance(login, dict):  # null is all that Azure shows of a user name and a password
            yield f"the credentials for {host}, which Azure does not show"
        elif (login.get("userName") or login.get("password")) and not _is_in_vault(login):
            yield f"the credentials for {host}"


def _is_in_vault(login: dict[str, Any]) -> bool:
    secrets = [login.get("userName") or {}, login.get("password") or {}]
    return all(str(secret.get("type", "")).lower() == "vaultsecret" and secret.get("value") for secret in secrets)


def _pool_that_stays(child: Child, move: Move) -> Iterator[str]:
    name = child.properties.get("agentPoolName")
    pools = {pool.name: pool for pool in move.source.children_of("agentPools")}
    if name and (name not in pools or not agent_pools.moves(pools[name], move)):
        yield f"the agent pool {name}, which is not created either"


def _notes(child: Child, move: Move) -> Iterator[Finding]:
    login_server = move.source.login_server.lower()
    if login_server and login_server in _content(child).lower():
        message = f"Task {child.name} names the source registry: its steps say {login_server}."
        remedy = "Write $Registry instead, which is always the registry that the task runs in."
        yield note("task_names_source", "decision", child, message, remedy)


def _content(child: Child) -> str:
    """Return the definition in an encoded task, as text; empty if it is not text."""
    step = child.properties.get("step") or {}
    encoded = (str(step.get(key) or "") for key in ("encodedTaskContent", "encodedValuesContent"))
    try:
        return "\n".join(base64.b64decode(text).decode(errors="replace") for text in encoded)
    except binascii.Error:
        return ""


def runs_by_itself(child: Child) -> bool:
    """Return whether the task has an enabled trigger: a time, a push, a new base image."""
    trigger = child.properties.get("trigger") or {}
    base = trigger.get("baseImageTrigger")
    triggers = [
        *(trigger.get("timerTriggers") or ()),
        *(trigger.get("sourceTriggers") or ()),
        *([base] if base else []),
    ]
    enabled = str(child.properties.get("status") or "Enabled").lower() == "enabled"
    return enabled and any(str(one.get("status") or "Enabled").lower() == "enabled" for one in triggers)
