"""Network-isolated clusters start from a registry: found, pointed at the target, given back, and proven."""

from typing import Any

import pytest

from acr_relocate.azure.resources.merged_writes import with_change, without_computed
from acr_relocate.core.cut_over import CutOverAction, build_cut_over, is_satisfied, with_cut_over
from acr_relocate.core.dependencies import Surroundings, build_map
from acr_relocate.core.dependencies.bootstrap import CACHE_RULE
from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.verification.bootstrap import compare_bootstrap
from tests.support.builders import child, registry, request
from tests.support.surroundings import HERE, TARGET, cluster

RULE = child(
    "cacheRules", CACHE_RULE, sourceRepository="mcr.microsoft.com/*", targetRepository="aks-managed-repository/*"
)
OTHER_PATH = child("cacheRules", CACHE_RULE, sourceRepository="mcr.microsoft.com/*", targetRepository="mcr/*")


def isolated(registry_id: str, **properties: Any) -> Surroundings:
    profile = {"artifactSource": "Cache", "containerRegistryId": registry_id}
    return Surroundings(clusters=(cluster(bootstrapProfile=profile, **properties),))


def drawn(around: Surroundings, *children: Child, **properties: Any) -> list[CutOverAction]:
    source = registry("contosoregistry", *children, properties=properties)
    found = build_cut_over(source, around, request()).actions
    return [action for action in found if action.kind == "bootstrap_registry"]


@pytest.mark.parametrize("spelt", [HERE.id, HERE.id.lower(), HERE.id.upper()])
def test_it_is_a_consumer_although_nothing_else_ties_it(spelt: str) -> None:
    """Without logs and without a role: its settings say so, so the source may not be deleted."""
    [found] = consumers(HERE, isolated(spelt), request())

    assert (found.kind, found.name, found.strategy) == ("bootstrap_registry", "aks", "re-wired")
    update, upgrade = found.command.replace(" \\\n  ", " ").splitlines()
    assert f"--bootstrap-artifact-source Cache --bootstrap-container-registry-resource-id {TARGET}" in update
    assert upgrade.startswith("az aks upgrade")
    assert "--node-image-only" in upgrade


def test_another_registrys_cluster_is_none() -> None:
    """Nor is one that starts from Microsoft's registry."""
    near = f"{HERE.id}2"
    direct = Surroundings(clusters=(cluster(bootstrapProfile={"artifactSource": "Direct"}),))

    assert consumers(HERE, isolated(near), request()) == consumers(HERE, direct, request()) == ()


def test_it_is_pointed_at_the_target_and_back() -> None:
    """Only the profile changes; whether it is done is seen at the cluster, in any spelling."""
    [action] = drawn(isolated(HERE.id), RULE)
    [again] = drawn(isolated(TARGET), RULE)

    assert (action.refused, action.call.merge, action.call.method) == ("", True, "PUT")
    assert action.call.body["properties"]["bootstrapProfile"]["containerRegistryId"] == TARGET
    [back] = action.undo
    assert back.body["properties"]["bootstrapProfile"]["containerRegistryId"].lower() == HERE.id.lower()
    assert is_satisfied(action.look, isolated(TARGET.upper()).clusters[0])  # type: ignore[index]
    assert not is_satisfied(action.look, isolated(HERE.id).clusters[0])  # type: ignore[index]
    assert again == action


@pytest.mark.parametrize(
    ("children", "properties", "why"),
    [
        ((), {}, CACHE_RULE),
        ((OTHER_PATH,), {}, CACHE_RULE),
        ((RULE,), {"roleAssignmentMode": "AbacRepositoryPermissions"}, "ABAC"),
        ((RULE,), {"policies": {"azureADAuthenticationAsArmPolicy": {"status": "disabled"}}}, "tokens"),
    ],
)
def test_a_target_that_aks_does_not_take_is_said(
    children: tuple[Child, ...], properties: dict[str, Any], why: str
) -> None:
    """Refused before anything is changed, and left to people; no unfixable difference."""
    [action] = drawn(isolated(HERE.id), *children, **properties)
    target = registry("contosoregistryne", *children, properties=properties)

    assert why in action.refused
    assert action.instead.startswith("az aks update")
    assert not [*compare_bootstrap(HERE, target, isolated(HERE.id))]


def test_one_that_still_starts_from_the_source_is_a_difference() -> None:
    """After the cut-over: the proof that it has been done."""
    target: Registry = registry("contosoregistryne", RULE)

    [found] = compare_bootstrap(HERE, target, isolated(HERE.id))
    assert "aks" in found.message
    assert not [*compare_bootstrap(HERE, target, isolated(TARGET))]


def test_the_map_says_what_the_cut_over_does() -> None:
    """With the other dependency of the same cluster beside it."""
    kinds = [entry.kind for entry in build_map(HERE, isolated(HERE.id), request()).dependencies]
    assert kinds.count("bootstrap_registry") == 1


def test_its_manual_step_stays_after_the_cut_over() -> None:
    """The profile names the target since, but nodes that were started before do not use it: a person renews them."""
    source = registry("contosoregistry", RULE)
    steps = []
    for named in (HERE.id, TARGET):
        around = isolated(named)
        known = with_cut_over(build_map(HERE, around, request()), build_cut_over(source, around, request()))
        steps.append([(step.kind, step.name, step.id, step.action, step.command) for step in known.manual])

    before, after = steps
    assert [kind for kind, *_ in before] == ["bootstrap_registry"]
    assert after == before
    assert "az aks upgrade" in after[0][-1]


def test_all_else_of_the_cluster_is_sent_as_it_is() -> None:
    """Without what Azure computes, which it does not take."""
    shown = {
        "id": "/c",
        "name": "aks",
        "etag": "1",
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "provisioningState": "Succeeded",
            "dnsPrefix": "aks",
            "bootstrapProfile": {"artifactSource": "Cache", "containerRegistryId": "old"},
            "agentPoolProfiles": [
                {"name": "np", "count": 3, "provisioningState": "Succeeded", "nodeImageVersion": "v"}
            ],
        },
    }
    change = {"properties": {"bootstrapProfile": {"containerRegistryId": "new"}}}

    assert with_change(without_computed(shown, depth=0), change) == {
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "dnsPrefix": "aks",
            "bootstrapProfile": {"artifactSource": "Cache", "containerRegistryId": "new"},
            "agentPoolProfiles": [{"name": "np", "count": 3}],
        },
    }
