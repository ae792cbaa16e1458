"""Azure answers `systemAssigned` whatever was sent: nothing of ours may depend on its capitals."""

import pytest

from acr_relocate.core.checks import Evidence
from acr_relocate.core.checks.children import task_identity_changes
from acr_relocate.core.checks.keys import system_identity_changes
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.dependencies import Surroundings, build_map
from acr_relocate.core.dependencies.access import role_name
from acr_relocate.core.dependencies.context import MapContext
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.managed_identities import has_system_identity, portable_identity
from acr_relocate.core.target.design import design
from acr_relocate.core.verification.settings import compare_settings
from tests.support.builders import child, registry, request

SPELLINGS = ("systemAssigned", "SystemAssigned", "SYSTEMASSIGNED", "systemAssigned, userAssigned")
USER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"


def own(kind: str, principal: str = "p-source") -> Registry:
    task = child("tasks", "nightly").model_copy(update={"identity": {"type": kind, "principalId": "p-task"}})
    return registry("contosoregistry", task, identity={"type": kind, "principalId": principal})


@pytest.mark.parametrize("kind", SPELLINGS)
def test_an_identity_of_its_own_is_seen(kind: str) -> None:
    """By the checks, by the map, and by the cut-over, which gives its roles to the target's."""
    source = own(kind)
    evidence = Evidence(request=request(), source=source)
    cut = CutOverContext(MapContext(source, request(), Surroundings()), own(kind, "p-target"))

    assert has_system_identity(source.identity)
    assert any(system_identity_changes(evidence))
    assert any(task_identity_changes(evidence))
    assert "managed_identity" in {one.kind for one in build_map(source, Surroundings(), request()).dependencies}
    assert cut.counterpart("P-SOURCE") == request().target_id


@pytest.mark.parametrize("kind", SPELLINGS[:3])
def test_the_template_asks_for_it_as_arm_writes_it(kind: str) -> None:
    """And the target that Azure shows in its own spelling is as it should be."""
    wanted = design(own(kind), request()).registry

    assert wanted.identity == {"type": "SystemAssigned"}
    there = wanted.model_copy(update={"identity": {"type": "systemAssigned", "principalId": "p"}})
    assert not [one for one in compare_settings(own(kind), there, request()) if "identit" in one.subject]


@pytest.mark.parametrize(
    ("identity", "asked_for"),
    [
        (None, None),
        ({}, None),
        ({"type": "none"}, None),
        ({"type": "None"}, None),
        (
            {"type": "userAssigned,systemAssigned", "userAssignedIdentities": {USER: {"clientId": "c"}}},
            {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {USER: {}}},
        ),
        (
            {"type": "userAssigned", "userAssignedIdentities": {USER: {}}},
            {"type": "UserAssigned", "userAssignedIdentities": {USER: {}}},
        ),
    ],
)
def test_identities_to_ask_for(identity: dict[str, object] | None, asked_for: dict[str, object] | None) -> None:
    """No principal, and nothing without an identity."""
    assert portable_identity(identity) == asked_for


def test_roles_are_known_by_id_in_any_case() -> None:
    """Resource Graph gives ids as they were written."""
    assert role_name("7F951DDA-4ED3-4680-A7CA-43FE172D538D") == "AcrPull"


@pytest.mark.parametrize("mode", ["AbacRepositoryPermissions", "abacRepositoryPermissions"])
def test_the_permission_mode_in_any_case(mode: str) -> None:
    """Whether AcrPull is honoured depends on it."""
    assert registry(properties={"roleAssignmentMode": mode}).uses_abac
