"""The rights of a cut-over: derived from its calls, all in the custom roles, and named one by one when missing."""

import pytest

from acr_relocate.core.access.permissions import target_group
from acr_relocate.core.access.required_actions import CUT_OVER, RIGHTS_NEEDED, actions_of
from acr_relocate.core.checks import Lock, PermissionSet
from acr_relocate.core.cut_over import build_cut_over, missing_cut_over_rights, rights
from acr_relocate.core.dependencies import Surroundings
from tests.support.builders import child, content, image, registry, repository, request
from tests.support.surroundings import GROUP, NETWORK, SUBNET, assignment, cluster, resource

ZONE = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
ALERTS = (
    *(f"Microsoft.Insights/{kind}" for kind in ("metricAlerts", "activityLogAlerts", "scheduledQueryRules")),
    "Microsoft.AlertsManagement/actionRules",
)
HOOK = {"destination": {"endpointType": "WebHook", "properties": {"endpointBaseUrl": "https://scan.contoso.com"}}}
CONFIG = {"name": "c", "properties": {"privateDnsZoneId": ZONE}}
ON_CALL = f"{GROUP}/providers/Microsoft.Insights/actionGroups/on-call"
ENDPOINT = child(
    "privateEndpoints",
    "pe",
    "westeurope",
    id=f"{NETWORK}/privateEndpoints/pe",
    subnet={"id": SUBNET},
    privateLinkServiceConnections=[{"name": "pe", "properties": {"groupIds": ["registry"]}}],
    privateDnsZoneGroups=[{"name": "default", "properties": {"privateDnsZoneConfigs": [CONFIG]}}],
)
TOKEN = child("tokens", "edge", credentials={"passwords": [{"name": "password1"}]})
TASK = child("tasks", "purge", step={"type": "EncodedTask"}, trigger={"timerTriggers": [{"schedule": "0 3 * * *"}]})
HUB = child("credentialSets", "dockerhub").model_copy(update={"identity": {"principalId": "hub"}})
POLICY = {"objectId": "hub", "tenantId": "t", "permissions": {"secrets": ["get"]}}
SOURCE = registry(
    "contosoregistry",
    ENDPOINT,
    HUB,
    TOKEN,
    TASK,
    child("webhooks", "hook", "westeurope", status="enabled"),
    child(
        "cacheRules",
        "aks-managed-mcr",
        sourceRepository="mcr.microsoft.com/*",
        targetRepository="aks-managed-repository/*",
    ),
    properties={
        "policies": {"retentionPolicy": {"days": 7, "status": "enabled"}},
        "networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": SUBNET}]},
    },
)
TOPIC = resource("Microsoft.EventGrid/systemTopics", "events")
ASKED = request(
    small_artifacts="push",
    subnets={SUBNET: SUBNET.replace("/vnet/", "/vnet-north/")},
    token_vault="contoso-vault",
    kubelet_identities=[f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"],
)
AROUND = Surroundings(
    role_assignments=(assignment("p"), assignment("kubelet-1")),
    clusters=(cluster(bootstrapProfile={"containerRegistryId": SOURCE.id}),),
    others=(resource("Microsoft.KeyVault/vaults", "v", {"accessPolicies": [POLICY]}),),
    locks=(Lock(scope=SOURCE.id, name="keep", level="CanNotDelete"),),
    alerts=tuple(
        resource(kind, kind.rpartition("/")[2], {"scopes": [SOURCE.id], "actions": [{"actionGroupId": ON_CALL}]})
        for kind in ALERTS
    ),
    naming=(TOPIC,),
    event_subscriptions=tuple(
        {"id": f"{above}/eventSubscriptions/s", "name": "s", "properties": HOOK}
        for above in (TOPIC["id"], f"{SOURCE.id}/providers/Microsoft.EventGrid")
    ),
)
DRAWN = build_cut_over(SOURCE, AROUND, ASKED, None, content(repository("app", image("a"), v1="a")))
NEEDED = rights((*DRAWN.actions, *DRAWN.deferred), ASKED)


def test_every_call_has_an_action_in_a_custom_role() -> None:
    """A new call of the cut-over needs a row in acr_relocate/core/access_rights.py; a row needs a call."""
    asked = {action for actions in NEEDED.values() for action in actions}
    table = {right.action.lower() for right in RIGHTS_NEEDED}

    assert {action for action in asked if action.lower() not in table} == set()
    assert set(CUT_OVER) <= asked


@pytest.mark.parametrize("action", CUT_OVER)
def test_a_right_that_is_missing_is_named_with_its_place(action: str) -> None:
    """At each place where it is needed, and nothing else is said."""
    granted = {
        place: tuple(PermissionSet(actions=(one,)) for one in actions if one != action)
        for place, actions in NEEDED.items()
    }

    found = missing_cut_over_rights(NEEDED, granted, ASKED)

    assert [one.resource for one in found] == [place for place, actions in NEEDED.items() if action in actions]
    assert [one.message for one in found] == [
        f"To cut over, the running identity lacks {action} at {one.resource}." for one in found
    ]


def test_what_a_check_says_already_is_not_said_again() -> None:
    """Roles and passwords at the target have checks of their own, also where there is no cut-over."""
    said = {*actions_of("roles_cannot_be_assigned"), *actions_of("token_passwords_cannot_be_generated")}
    granted = {
        place: tuple(PermissionSet(actions=(one,)) for one in actions if one not in said)
        for place, actions in NEEDED.items()
    }

    assert said <= set(NEEDED[target_group(ASKED)])
    assert missing_cut_over_rights(NEEDED, granted, ASKED) == ()
