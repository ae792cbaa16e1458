"""Cache rules and tasks of other registries: which are announced, and why others are left to people."""

from typing import Any

import pytest

from acr_relocate.core.cut_over import build_cut_over
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.dependencies.raw_surroundings import Surroundings
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from acr_relocate.core.switching.downstream_rules import reduced_rule
from acr_relocate.core.switching.downstream_tasks import TaskNames, reduced_task
from tests.support.builders import request
from tests.support.surroundings import HERE, SERVER
from tests.unit.dependencies.dependency_examples import OTHERS


def rule(fills: str = "base/*", **more: Any) -> dict[str, Any]:
    properties = {"sourceRepository": f"{SERVER}/{fills}", "targetRepository": fills, "provisioningState": "Succeeded"}
    return {"id": f"{OTHERS}/cacheRules/base1", "name": "base1", "properties": properties | more}


def task(**properties: Any) -> dict[str, Any]:
    tags = {"env": "prod"}
    return {"id": f"{OTHERS}/tasks/nightly", "name": "nightly", "properties": properties, "tags": tags}


def switches(*downstream: dict[str, Any], rename: dict[str, str] | None = None, **how: Any) -> list[CutOverAction]:
    asked = request(switch=DependentsToSwitch(enabled=True, **how), rename=rename or {})
    return list(build_cut_over(HERE, Surroundings(downstream=downstream), asked).switches)


@pytest.mark.parametrize(
    ("found", "filled", "why"),
    [
        (rule(), None, ""),
        (rule(), "base/python", "it has filled base/python"),
        (rule(), Unknown(what="repositories", reason="403"), "could not be read: 403"),
        (rule(credentialSetResourceId="x"), None, "credential set"),
        (rule(additionalAuthenticationProperties={"a": 1}), None, "additionalAuthenticationProperties"),
        (rule(writableCacheRepos="Enabled"), None, "writableCacheRepos"),
        (rule(writableCacheRepos="Disabled"), None, ""),
        (rule() | {"identity": {"type": "SystemAssigned"}}, None, "an identity of its own"),
    ],
)
def test_a_rule_that_could_not_be_made_again_is_left(found: dict[str, Any], filled: Any, why: str) -> None:
    """Deleting it would be the end of it. An unread listing is no empty one."""
    [drawn] = switches(reduced_rule(found, filled))

    assert why in drawn.refused
    assert bool(drawn.refused) is bool(why)


def test_a_rule_is_announced_with_both_upstreams_under_the_name_at_the_target() -> None:
    [plain] = switches(reduced_rule(rule(), None))
    [renamed] = switches(reduced_rule(rule("base/python"), None), rename={"base/python": "images/python"})
    [several] = switches(reduced_rule(rule(), None), rename={"base/python": "images/python"})

    assert f"{SERVER}/base/* -> " in plain.what
    assert renamed.what.endswith(f"{request().target.name}.azurecr.io/images/python")
    assert "other names" in several.refused


def test_a_task_is_announced_with_its_login_and_without_its_texts() -> None:
    """Values of arguments may be secrets."""
    login = {"customRegistries": {SERVER: {"identity": "[system]"}}}
    argument = {"name": "BASE", "value": f"{SERVER}/base:1?token=not-a-real-secret"}
    names = TaskNames(SERVER, HERE.id)
    found = reduced_task(task(credentials=login, step={"type": "Docker", "arguments": [argument]}), names)
    [drawn] = switches(found)

    assert "not-a-real-secret" not in str(found) + drawn.model_dump_json()
    assert f"registry: {SERVER} -> " in drawn.what
    assert switches(found, tags={"env": "test"}) == []
    assert switches(found, kinds=["cluster"]) == []
    assert "other names" in switches(found, rename={"a": "b"})[0].refused


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"isSystemTask": True}, "Azure makes and changes it"),
        ({"credentials": {"customRegistries": {SERVER.upper(): None}}}, "does not show how it signs in"),
        ({"step": {"baseImageDependencies": [{"registry": SERVER}]}}, "the repository that it builds"),
        ({"step": {"encodedTaskContent": "c3RlcHM6IGNvbnRvc29yZWdpc3RyeS5henVyZWNyLmlv\n"}}, "to the byte"),
    ],
)
def test_a_task_that_does_not_name_the_source_itself_is_left(properties: dict[str, Any], why: str) -> None:
    assert why in reduced_task(task(**properties), TaskNames(SERVER, HERE.id))["left"]
