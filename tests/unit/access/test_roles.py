"""The custom roles: generated from the table of rights, and whatever one of them lacks is named by a check."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from acr_relocate.core.access.permissions import scopes_at
from acr_relocate.core.access.required_actions import DEPLOYED, RIGHTS_NEEDED
from acr_relocate.core.access.roles import ROLES, Right
from acr_relocate.core.checks import PREFLIGHT, Evidence, PermissionSet, evaluate
from acr_relocate.core.evidence.azure_facts import DiagnosticSink, UserAssignedIdentity
from acr_relocate.core.registry.inventory import Attributes
from deployments.role_files import ROOT, files, role_json
from tests.check_cases.evidence import GOOD_SUBNET, IDENTITY, MANY, NORTH, WEST, evidence
from tests.support.builders import child, content, image, index, registry, repository, request

LOCKED = Attributes(delete_enabled=False)
CHECKED = [
    right
    for right in RIGHTS_NEEDED
    if right.place != "dependents"  # those: test_cut_over_rights.py, test_removal_rights.py
    and right.found_by != "AccessDenied"  # those no plan foretells: Azure names them
]
GROUP = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/logs"
DESTINATIONS = {
    "workspaceId": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs",
    "storageAccountId": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/logs",
    "eventHubAuthorizationRuleId": f"{GROUP}/providers/Microsoft.EventHub/namespaces/logs/authorizationRules/send",
}
ABAC = {"roleAssignmentMode": "AbacRepositoryPermissions"}


def with_everything(*, abac: bool, group_is_there: bool) -> Evidence:
    """Evidence on a source for which a relocation needs every right of the table."""
    properties = {"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": WEST}]}}
    step = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
    kinds = [*("agentPools" if kind == "agentpools" else kind for kind in DEPLOYED), "privateEndpointConnections"]
    children = [child(kind, "one", step=step) for kind in kinds]
    children.append(child("diagnosticSettings", "logs", **DESTINATIONS))
    identity = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    return evidence(
        request=request(
            subnets={WEST: NORTH},
            prune=True,
            delete_source=True,
            small_artifacts="push",
            via_replica=True,
            replacements={one: f"{one}north" for one in DESTINATIONS.values()},
        ),
        source=registry(
            "contosoregistry", *children, properties=properties | (ABAC if abac else {}), identity=identity
        ),
        content=content(
            repository("app", image("a", attributes=LOCKED), v1="a"),
            repository("huge", index("huge", *MANY), *(image(name) for name in MANY), v1="huge"),
        ),
        subnets={NORTH: GOOD_SUBNET},
        identities={IDENTITY: UserAssignedIdentity(id=IDENTITY)},
        roles=1,
        sinks=(DiagnosticSink(setting="logs", id="workspace", location="northeurope"),),
        **({} if group_is_there else {"group": None}),
    )


def holding(rights: Iterable[Right], given: Evidence) -> Evidence:
    """The evidence, with exactly these rights at the places where they are asked for."""
    rights = list(rights)
    permissions: dict[str, list[PermissionSet]] = {}
    for right in RIGHTS_NEEDED:
        for scope in scopes_at(right.place, given):
            granted = PermissionSet(**{"data_actions" if right.data else "actions": (right.action,)})
            permissions.setdefault(scope, []).extend([granted] if right in rights else [])
    return given.model_copy(update={"permissions": {scope: tuple(sets) for scope, sets in permissions.items()}})


def lacking(evidence: Evidence) -> set[str]:
    """The codes of all findings that tell of a missing right."""
    return {finding.code for finding in evaluate(PREFLIGHT, evidence) if "running identity lacks" in finding.message}


@pytest.mark.parametrize("abac", [False, True], ids=["legacy", "abac"])
def test_nothing_is_missing_with_exactly_the_rights_of_the_table(abac: bool) -> None:
    """Every right that a check asks for is in the table."""
    assert lacking(holding(RIGHTS_NEEDED, with_everything(abac=abac, group_is_there=False))) == set()


@pytest.mark.parametrize("right", CHECKED, ids=lambda right: f"{right.action} at the {right.place}")
def test_a_right_that_is_missing_is_named_with_its_scope(right: Right) -> None:
    """By the check that the table says: the action and the place, before anything is changed."""
    group_is_there = right.found_by != "target_group_cannot_be_created"
    given = with_everything(abac=right.data, group_is_there=group_is_there)

    others = (one for one in RIGHTS_NEEDED if (one.action, one.place) != (right.action, right.place))
    findings = evaluate(PREFLIGHT, holding(others, given))

    [finding] = [finding for finding in findings if finding.code == right.found_by]
    assert right.action in finding.message
    assert finding.resource in scopes_at(right.place, given)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_committed_file_is_current(path: Path) -> None:
    """To bring them up to date: python -m deployments.role_files."""
    assert path.read_text() == files()[path]


def test_bicep_deploys_every_role() -> None:
    """No role is left out of the template that makes them."""
    bicep = (ROOT / "deployments" / "azure" / "roles.bicep").read_text()

    assert [f"loadJsonContent('roles/{role.duty}.json')" in bicep for role in ROLES] == [True] * len(ROLES)


def test_bicep_takes_from_the_roles_what_they_have() -> None:
    """All of a role's rights, and nothing that it does not have: no Bicep compiler is to be had here."""
    bicep = (ROOT / "deployments" / "azure" / "roles.bicep").read_text()
    taken = set(re.findall(r"\brole\.(\w+)", bicep))

    assert [name for role in ROLES for name in taken - set(json.loads(role_json(role)))] == []
    assert taken >= {"Name", "Actions", "NotActions", "DataActions", "NotDataActions"}
    assert all(bicep.count(opening) == bicep.count(closing) for opening, closing in ("()", "[]", "{}"))


def test_the_plan_role_changes_nothing_and_sees_no_secret() -> None:
    """Every action of it ends in /read, and every right of the table belongs to a role."""
    plan = json.loads((ROOT / "deployments" / "azure" / "roles" / "plan.json").read_text())

    assert all(action.endswith("/read") for action in (*plan["Actions"], *plan["DataActions"]))
    assert {right.duty for right in RIGHTS_NEEDED} == {role.duty for role in ROLES}
    assert all("*" not in right.action for right in RIGHTS_NEEDED)
