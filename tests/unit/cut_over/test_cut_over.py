"""The cut-over of each thing that depends on a registry: always the same, never more than before."""

from typing import Any

import pytest

from acr_relocate.core.checks import Lock, Unknown
from acr_relocate.core.cut_over import (
    CutOver,
    CutOverAction,
    build_cut_over,
    holds_expected,
    is_satisfied,
    with_values,
)
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from tests.support.builders import SUBSCRIPTION, child, registry, request
from tests.support.surroundings import ACR_PULL, GROUP, NETWORK, SUBNET, assignment, resource

HERE = registry()
TARGET = request().target_id
READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
LISTER = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7"
ABAC = {"roleAssignmentMode": "AbacRepositoryPermissions"}
CONDITION = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringStartsWithIgnoreCase 'p/'"


def drawn(here: Registry = HERE, asked: RelocationRequest | None = None, edited: Any = None, **around: Any) -> CutOver:
    return build_cut_over(here, Surroundings(**around), asked or request(), edited)


def only(found: CutOver) -> CutOverAction:
    (action,) = found.actions
    return action


def role_of(action: CutOverAction) -> str:
    return str(action.call.body["properties"]["roleDefinitionId"]).rpartition("/")[2]


class TestRoles:
    def test_a_role_at_the_source_is_given_at_the_target(self) -> None:
        """The same role to the same principal, with its type, so that Azure need not know the principal already."""
        action = only(drawn(role_assignments=(assignment("p", principalType="Group"),)))

        own = action.call.body["properties"]
        assert action.call.path.startswith(f"{TARGET}/providers/Microsoft.Authorization/roleAssignments/")
        assert (own["principalId"], own["principalType"], role_of(action)) == ("p", "Group", ACR_PULL)
        assert [call.method for call in action.undo] == ["DELETE"]

    def test_its_name_is_the_same_every_time_and_another_for_another(self) -> None:
        """So that any later run finds it, and nothing has to be remembered."""
        one, again = (only(drawn(role_assignments=(assignment("p"),))) for _ in range(2))
        other = only(drawn(role_assignments=(assignment("q"),)))

        assert one == again
        assert one.id != other.id

    def test_a_condition_is_copied_as_it_is(self) -> None:
        """It names repositories, which keep their names."""
        here = registry(properties=ABAC)
        given = assignment("p", role=READER, condition=CONDITION, conditionVersion="2.0")
        own = only(drawn(here, role_assignments=(given,))).call.body["properties"]

        assert (own["condition"], own["conditionVersion"]) == (CONDITION, "2.0")

    def test_what_holds_from_above_is_left_alone_where_it_covers_the_target(self) -> None:
        """A role at the subscription holds for both; one at the source's group does not, and becomes one here."""
        covering = assignment("p", scope=f"/subscriptions/{SUBSCRIPTION}")
        beside = assignment("p", scope=f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west")

        assert not drawn(role_assignments=(covering,)).actions
        assert only(drawn(role_assignments=(beside,))).call.path.startswith(TARGET)

    @pytest.mark.parametrize(
        ("role", "abac", "becomes"),
        [
            (ACR_PULL, True, [READER]),
            ("8311e382-0749-4cb8-b61a-304f252e45ec", True, ["2a1e307c-b015-4ebd-883e-5b7698a07328"]),
            (READER, False, [ACR_PULL]),
            (
                "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
                False,
                ["8311e382-0749-4cb8-b61a-304f252e45ec", "c2f4ef07-c644-48eb-af81-4b1b4947fb11"],
            ),
            (ACR_PULL, False, [ACR_PULL]),
        ],
    )
    def test_a_role_becomes_what_the_target_honours(self, role: str, abac: bool, becomes: list[str]) -> None:
        """AcrPull is void where permissions are for repositories, and the repository roles are void elsewhere."""
        here = registry(properties=ABAC if abac else {})

        assert [role_of(one) for one in drawn(here, role_assignments=(assignment("p", role=role),)).actions] == becomes

    @pytest.mark.parametrize("given", [{"role": READER, "condition": CONDITION}, {"role": LISTER}])
    def test_a_role_that_would_allow_more_is_left_to_people(self, given: dict[str, str]) -> None:
        """A condition cannot be said where roles hold for the whole registry."""
        assert only(drawn(role_assignments=(assignment("p", **given),))).refused

    def test_an_identity_of_the_registry_gives_way_to_the_new_one(self) -> None:
        """The new registry's identity gets the old one's roles elsewhere: it is known only once that exists."""
        here = registry(identity={"type": "SystemAssigned", "principalId": "old"})
        vault = f"{GROUP}/providers/Microsoft.KeyVault/vaults/v"
        action = only(drawn(here, granted=(assignment("old", scope=vault),)))

        assert action.call.path.startswith(f"{vault}/providers/")
        assert [fill.call.path for fill in action.fills] == [TARGET]
        ready = with_values(action, {action.fills[0].placeholder: "new"})
        assert ready.call.body["properties"]["principalId"] == "new"
        assert ready.look.expected == {"properties": ready.look.expected["properties"] | {"principalId": "new"}}  # type: ignore[index]

    def test_a_task_that_stays_behind_gives_its_role_to_nobody(self) -> None:
        """Its successor is made by people, and so is its role."""
        task = child("tasks", "build", step={}).model_copy(update={"identity": {"principalId": "task"}})
        action = only(drawn(registry("contosoregistry", task), role_assignments=(assignment("task"),)))

        assert "does not have" in action.refused

    def test_a_cluster_to_come_may_pull_already(self) -> None:
        """The request names the identity of its nodes."""
        identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"
        action = only(drawn(asked=request(kubelet_identities=[identity])))

        assert (action.kind, role_of(action)) == ("cluster", ACR_PULL)
        assert [fill.call.path for fill in action.fills] == [identity]

    def test_no_role_is_taken_from_the_source(self) -> None:
        """The roles of people who look after it stay until it is gone."""
        owner = assignment("boss", role="8e3af657-a8ff-443c-a75c-2fe8c4bcb635")

        drawn_up = drawn(role_assignments=(assignment("p"), owner))

        assert not [one for one in drawn_up.actions if one.call.method == "DELETE"]


class TestEvents:
    def test_a_topic_and_its_subscription_are_made_for_the_target(self) -> None:
        """The subscription after the topic, with the same filter, destination and end."""
        topic = resource("Microsoft.EventGrid/systemTopics", "events")
        queue = {"endpointType": "StorageQueue", "properties": {"resourceId": "/s", "queueName": "q"}}
        own = {
            "destination": queue,
            "filter": {"includedEventTypes": ["x"]},
            "expirationTimeUtc": "2099-01-01T00:00:00Z",
        }
        pushes = {
            "id": f"{topic['id']}/eventSubscriptions/pushes",
            "name": "pushes",
            "properties": own | {"topic": topic["id"]},
        }
        made, subscribed = drawn(naming=(topic,), event_subscriptions=(pushes,)).actions

        assert made.call.body["properties"]["source"] == TARGET
        assert made.call.body["tags"][PLAN_TAG] == relocation_id(request())
        assert subscribed.call.path == f"{made.call.path}/eventSubscriptions/pushes"
        assert subscribed.wave > made.wave
        assert subscribed.call.body["properties"] == own

    def test_the_address_of_a_receiver_is_never_in_an_action(self) -> None:
        """It is a secret: a placeholder stands for it until it is sent."""
        hook = {"endpointType": "WebHook", "properties": {"endpointBaseUrl": "https://scan.contoso.com"}}
        own = {"id": f"{HERE.id}/providers/Microsoft.EventGrid/eventSubscriptions/s", "name": "s"}
        action = only(drawn(event_subscriptions=(own | {"properties": {"destination": hook}},)))

        assert "contoso.com" not in action.model_dump_json()
        assert [fill.call.path for fill in action.fills] == [f"{own['id']}/getFullUrl"]

    def test_enabled_webhooks_are_called_once(self) -> None:
        """Whether the receiver lets the new region in shows at once, and not at the first push."""
        hooks = [child("webhooks", name, "westeurope", status=name) for name in ("enabled", "disabled")]

        assert [one.subject for one in drawn(registry("contosoregistry", *hooks)).actions] == ["ping of enabled"]

    def test_webhooks_that_were_held_back_are_enabled_first(self) -> None:
        """Where artifacts were pushed; one that is disabled at the source stays so."""
        hooks = [child("webhooks", name, "westeurope", status=name) for name in ("enabled", "disabled")]
        actions = drawn(registry("contosoregistry", *hooks), request(small_artifacts="push")).actions

        assert [one.subject for one in actions] == ["enabled", "ping of enabled"]
        assert actions[0].call.body == {"properties": {"status": "enabled"}}
        assert [call.body for call in actions[0].undo] == [{"properties": {"status": "disabled"}}]


class TestNetworks:
    def test_the_zone_of_a_new_endpoint_is_linked_to_its_network(self) -> None:
        """Without the link the network cannot resolve the names that the zone group writes."""
        north = SUBNET.replace("/vnet/", "/vnet-north/")
        zone = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
        config = {"name": "c", "properties": {"privateDnsZoneId": zone}}
        endpoint = child(
            "privateEndpoints", "pe", "westeurope",
            id=f"{NETWORK}/privateEndpoints/pe",
            subnet={"id": SUBNET},
            privateLinkServiceConnections=[{"name": "pe", "properties": {"groupIds": ["registry"]}}],
            privateDnsZoneGroups=[{"name": "default", "properties": {"privateDnsZoneConfigs": [config]}}],
        )  # fmt: skip
        action = only(drawn(registry("contosoregistry", endpoint), request(subnets={SUBNET: north})))

        assert action.call.path == f"{zone}/virtualNetworkLinks/vnet-north-contosoregistryne"
        assert action.call.body["properties"]["virtualNetwork"]["id"] == north.partition("/subnets/")[0]
        others = {"value": [{"name": "anybodys", "properties": action.call.body["properties"]}]}
        assert is_satisfied(action.look, others)

    def test_names_written_by_hand_are_kept_by_azure_from_now_on(self) -> None:
        """A zone group writes those of every data endpoint too, with the addresses that the interface really has."""
        zone = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
        record = {"name": "contosoregistry", "properties": {"aRecords": [{"ipv4Address": "10.0.0.4"}]}}
        endpoint = child(
            "privateEndpoints", "pe", "westeurope",
            id=f"{NETWORK}/privateEndpoints/pe",
            subnet={"id": SUBNET},
            privateLinkServiceConnections=[{"name": "pe", "properties": {"groupIds": ["registry"]}}],
        )  # fmt: skip
        asked = request(subnets={SUBNET: SUBNET.replace("/vnet/", "/vnet-north/")})
        written = {"id": zone, "name": "privatelink.azurecr.io", "A": [record]}
        group, link = drawn(registry("contosoregistry", endpoint), asked, zones=(written,)).actions

        assert group.call.path.endswith("/privateEndpoints/pe-contosoregistryne/privateDnsZoneGroups/default")
        [config] = group.call.body["properties"]["privateDnsZoneConfigs"]
        assert config["properties"]["privateDnsZoneId"] == zone
        assert link.call.path.startswith(f"{zone}/virtualNetworkLinks/")
        others = {"id": zone, "name": "privatelink.azurecr.io", "A": [record | {"name": "another"}]}
        assert not drawn(registry("contosoregistry", endpoint), asked, zones=(others,)).actions


class TestVaults:
    def test_a_vault_without_roles_lets_the_new_identity_in(self) -> None:
        """With the permissions of the old one, and those of others are left alone."""
        secrets = child("credentialSets", "hub").model_copy(update={"identity": {"principalId": "old"}})
        policies = [
            {"objectId": "old", "tenantId": "t", "permissions": {"secrets": ["get"]}},
            {"objectId": "somebody", "tenantId": "t", "permissions": {"secrets": ["all"]}},
        ]
        vault = resource("Microsoft.KeyVault/vaults", "v", {"accessPolicies": policies})
        action = only(drawn(registry("contosoregistry", secrets), others=(vault,)))

        ready = with_values(action, {action.fills[0].placeholder: "new"})
        assert action.fills[0].call.path == f"{TARGET}/credentialSets/hub"
        given = {"objectId": "new", "tenantId": "t", "permissions": {"secrets": ["get"]}}
        assert ready.call.body == {"properties": {"accessPolicies": [given]}}
        assert [call.path.rpartition("/")[2] for call in (ready.call, *ready.undo)] == ["add", "remove"]
        assert ready.undo[0].body == ready.call.body
        with_roles = resource("Microsoft.KeyVault/vaults", "v", {"enableRbacAuthorization": True} | vault["properties"])
        assert not drawn(registry("contosoregistry", secrets), others=(with_roles,)).actions


class TestTokens:
    HAD = child("tokens", "edge", credentials={"passwords": [{"name": "password1"}]})

    def test_a_password_goes_straight_to_the_vault_of_the_request(self) -> None:
        """Named so that its users find it, and never a part of the action."""
        action = only(drawn(registry("contosoregistry", self.HAD), request(token_vault="contoso-vault")))

        assert action.secret
        assert (action.secret.vault, action.secret.name) == ("contoso-vault", "contosoregistryne-token-edge")

    @pytest.mark.parametrize(
        ("token", "asked"), [(HAD, request()), (child("tokens", "never"), request(token_vault="contoso-vault"))]
    )
    def test_otherwise_none_is_made(self, token: Any, asked: RelocationRequest) -> None:
        """Without a vault, or for a token that never had a password."""
        assert not drawn(registry("contosoregistry", token), asked).actions


class TestHeldBack:
    def test_policies_tasks_and_locks_wait(self) -> None:
        """Locks come last: afterwards nothing can be changed."""
        timer = {"timerTriggers": [{"schedule": "0 3 * * *"}]}
        here = registry(
            "contosoregistry",
            child("tasks", "purge", step={"type": "EncodedTask"}, trigger=timer),
            properties={"policies": {"retentionPolicy": {"days": 7, "status": "enabled"}}},
        )
        found = drawn(here, locks=(Lock(scope=HERE.id, name="keep", level="CanNotDelete"),))

        assert not found.actions
        assert [one.kind for one in found.deferred] == ["policies", "tasks", "lock"]
        policies, task, lock = found.deferred
        assert policies.call.body["properties"]["policies"]["retentionPolicy"] == {"days": 7, "status": "enabled"}
        assert task.call.body == {"properties": {"status": "Enabled"}}
        assert lock.wave > task.wave

    def test_a_lock_that_covers_the_target_is_not_made_again(self) -> None:
        """It is inherited."""
        lock = Lock(scope=f"/subscriptions/{SUBSCRIPTION}", name="keep", level="CanNotDelete")

        assert not drawn(locks=(lock,)).deferred


def test_what_is_not_known_is_not_done() -> None:
    """The map says what could not be read; nothing is concluded from it."""
    unknown = {
        name: Unknown(reason="no right to read it")
        for name in Surroundings.model_fields
        if name not in {"running", "odd"}
    }

    assert drawn(**unknown) == CutOver()


@pytest.mark.parametrize(
    ("expected", "found", "is_match"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": "X"}, {"a": "x"}, True),
        ({"a": None}, {}, True),
        ({"a": None}, {"a": 1}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}, {"b": 1}]}, True),
        ({"a": [1]}, {"a": []}, False),
        ({"r": "/subscriptions/1/providers/M/roleDefinitions/x"}, {"r": "/providers/M/roleDefinitions/X"}, True),
    ],
)
def test_seen_is_what_has_all_that_is_expected(expected: Any, found: Any, is_match: bool) -> None:
    """More does not matter, less does."""
    assert holds_expected(expected, found) is is_match


def test_a_cut_over_survives_json() -> None:
    """It is part of a plan."""
    found = drawn(role_assignments=(assignment("p"),))

    assert CutOver.model_validate_json(found.model_dump_json()) == found
