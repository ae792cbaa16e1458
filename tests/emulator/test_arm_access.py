import uuid

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure.arm.authorization import action_of, data_actions, holds_any_role, readable
from local_azure.launcher import Emulator
from local_azure.state.directory import Principal
from local_azure.state.settings import (
    OPERATOR_CLIENT_ID,
    OPERATOR_OBJECT_ID,
    OPERATOR_SECRET,
    READER_OBJECT_ID,
    TENANT_ID,
    Settings,
)
from local_azure.state.world import World
from tests.emulator.conftest import SUBSCRIPTION, Send, sender

ROLES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
CONTRIBUTOR = f"{ROLES}/b24988ac-6180-42a0-ab88-20f7382dd24c"
AUTHORIZATION = "providers/Microsoft.Authorization"


@pytest.fixture
def scope(resources: ResourceManagementClient, group_name: str) -> str:
    """A group of one's own."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    return f"{SUBSCRIPTION}/resourceGroups/{group_name}"


def assign(send: Send, scope: str, role: str = CONTRIBUTOR, holder: str = READER_OBJECT_ID) -> object:
    path = f"{scope}/{AUTHORIZATION}/roleAssignments/{uuid.uuid4()}"
    return send("PUT", path, body={"properties": {"roleDefinitionId": role, "principalId": holder}})


def test_reader_reads_and_writes_nothing(as_reader: ResourceManagementClient, scope: str, group_name: str) -> None:
    """Role assignments are enforced: a Reader sees the group and may not change it."""
    assert as_reader.resource_groups.get(group_name).name == group_name
    with pytest.raises(HttpResponseError) as caught:
        as_reader.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    assert (caught.value.status_code, caught.value.error.code) == (403, "AuthorizationFailed")
    assert "Microsoft.Resources/subscriptions/resourceGroups/write" in caught.value.message


def test_contributor_may_write_but_not_assign(send: Send, as_reader: ResourceManagementClient, scope: str) -> None:
    """Contributor lacks writes of Microsoft.Authorization."""
    assert assign(send, scope).status_code == 201
    reader = sender(as_reader)
    assert reader("PUT", f"{scope}/providers/Contoso.Things/widgets/w", body={}).status_code == 201
    assert assign(reader, scope).status_code == 403


@pytest.mark.parametrize(
    ("sink", "kind"),
    [
        ("workspaceId", "Microsoft.OperationalInsights/workspaces/logs"),
        ("storageAccountId", "Microsoft.Storage/storageAccounts/logs"),
        ("eventHubAuthorizationRuleId", "Microsoft.EventHub/namespaces/logs/authorizationRules/send"),
    ],
)
def test_logs_are_sent_only_where_the_writer_may_read_the_keys(
    sink: str, kind: str, send: Send, as_reader: ResourceManagementClient, scope: str
) -> None:
    """Contributor of the resource, and Reader of the destination, do not suffice."""
    there, reader = f"{scope}-logs/providers/{kind}", sender(as_reader)
    send("PUT", f"{scope}-logs", body={"location": "westeurope"}).raise_for_status()
    assign(send, scope)
    reader("PUT", f"{scope}/providers/Contoso.Things/widgets/w", body={}).raise_for_status()
    path = f"{scope}/providers/Contoso.Things/widgets/w/providers/Microsoft.Insights/diagnosticSettings/logs"
    body = {"properties": {sink: there, "logs": []}}

    refused = reader("PUT", path, "2021-05-01-preview", body)
    assign(send, f"{scope}-logs")

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    assert there in refused.json()["error"]["message"]
    assert reader("PUT", path, "2021-05-01-preview", body).status_code == 200


def test_same_assignment_twice_is_a_conflict(send: Send, scope: str) -> None:
    """The same role for the same principal under another name exists already; unknown ones are refused."""
    assert assign(send, scope).status_code == 201
    second = assign(send, scope)
    assert (second.status_code, second.json()["error"]["code"]) == (409, "RoleAssignmentExists")
    assert assign(send, scope, f"{ROLES}/{uuid.uuid4()}").json()["error"]["code"] == "RoleDefinitionDoesNotExist"
    assert assign(send, scope, holder=str(uuid.uuid4())).json()["error"]["code"] == "PrincipalNotFound"


def test_assignments_are_listed_by_scope_and_principal(send: Send, scope: str) -> None:
    """`atScope()` shows inherited ones, `principalId eq` one principal's."""
    assign(send, scope)
    path = f"{scope}/{AUTHORIZATION}/roleAssignments?$filter="
    inherited = send("GET", path + "atScope()").json()["value"]
    assert {one["properties"]["scope"] for one in inherited} == {SUBSCRIPTION, scope}
    mine = send("GET", path + f"principalId eq '{READER_OBJECT_ID}'").json()["value"]
    assert {one["properties"]["principalId"] for one in mine} == {READER_OBJECT_ID}


def test_role_definitions_are_found_by_name(send: Send, scope: str) -> None:
    """The built-in roles of the registry have their real ids."""
    [role] = send("GET", f"{scope}/{AUTHORIZATION}/roleDefinitions?$filter=roleName eq 'AcrPull'").json()["value"]
    assert role["name"] == "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    assert send("GET", role["id"]).json()["properties"]["permissions"][0]["actions"]


def test_narrow_role_sees_its_part_of_a_list() -> None:
    """Lists of a subscription show what a role within it may read; a stranger's list is refused."""
    world, somebody, stranger = World(Settings()), Principal("o", "c", "somebody"), Principal("x", "y", "stranger")
    mine, other = world.add_group("mine", "westeurope"), world.add_group("other", "westeurope")
    world.assign(somebody, "Reader", mine.id)
    assert readable(world, somebody, [mine, other]) == [mine]
    assert holds_any_role(world, somebody, SUBSCRIPTION)
    assert not holds_any_role(world, stranger, SUBSCRIPTION)


def test_permissions_say_what_the_caller_may(as_reader: ResourceManagementClient, scope: str) -> None:
    """One entry for each role that the caller holds at the scope."""
    permissions = sender(as_reader)("GET", f"{scope}/{AUTHORIZATION}/permissions").json()["value"]
    assert [one["actions"] for one in permissions] == [["*/read"]]


def test_new_role_is_not_seen_until_propagated(
    emulator: Emulator, send: Send, as_reader: ResourceManagementClient, scope: str
) -> None:
    """With the fault, a new assignment is ignored for as many requests as the fault is armed for."""
    emulator.arm_fault("role-not-propagated", times=2)
    assign(send, scope)
    put = [sender(as_reader)("PUT", f"{scope}/providers/Contoso.Things/widgets/w", body={}) for _ in range(3)]
    assert [response.status_code for response in put] == [403, 403, 201]


def test_cannot_delete_lock_is_inherited(send: Send, scope: str) -> None:
    """A lock of a group keeps its resources; changes are fine, and so is deleting the lock itself."""
    path, lock = f"{scope}/providers/Contoso.Things/widgets/w", f"{scope}/{AUTHORIZATION}/locks/keep"
    send("PUT", path, body={})
    assert send("PUT", lock, "2020-05-01", {"properties": {"level": "CanNotDelete"}}).status_code == 201
    refused = send("DELETE", path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ScopeLocked")
    assert send("PATCH", path, body={"tags": {}}).status_code == 200
    assert send("DELETE", lock, "2020-05-01").status_code == 200
    assert send("DELETE", path).status_code == 200


def test_lock_of_a_resource_keeps_its_group(send: Send, scope: str) -> None:
    """A group with a locked resource cannot be deleted; the lock is listed from the group."""
    path = f"{scope}/providers/Contoso.Things/widgets/w"
    send("PUT", path, body={})
    send("PUT", f"{path}/{AUTHORIZATION}/locks/keep", "2020-05-01", {"properties": {"level": "CanNotDelete"}})
    assert send("DELETE", scope).status_code == 409
    assert [one["name"] for one in send("GET", f"{scope}/{AUTHORIZATION}/locks", "2020-05-01").json()["value"]] == [
        "keep"
    ]


def test_read_only_lock_blocks_posts(send: Send, scope: str) -> None:
    """ReadOnly stops PUT, DELETE and POST, reads go on."""
    path = f"{scope}/providers/Contoso.Things/widgets/w"
    send("PUT", path, body={})
    send("PUT", f"{scope}/{AUTHORIZATION}/locks/freeze", "2020-05-01", {"properties": {"level": "ReadOnly"}})
    for method, where in (("PUT", path), ("DELETE", path), ("POST", path + "/importImage")):
        assert send(method, where, body={}).json()["error"]["code"] == "ScopeLocked"
    assert send("GET", path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("PUT", "/subscriptions/s/resourcegroups/g", "Microsoft.Resources/subscriptions/resourceGroups/write"),
        (
            "POST",
            "/subscriptions/s/resourcegroups/g/exportTemplate",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        ("GET", "/subscriptions/s/resources", "Microsoft.Resources/subscriptions/resources/read"),
        ("POST", "/subscriptions/s/providers/A.B/checkNameAvailability", "A.B/checkNameAvailability/read"),
        ("POST", "/subscriptions/s/resourceGroups/g/providers/A.B/c/x/importImage", "A.B/c/importImage/action"),
        ("DELETE", "/subscriptions/s/resourceGroups/g/providers/A.B/c/x/d/y", "A.B/c/d/delete"),
        ("GET", "/subscriptions/s/resourceGroups/g/providers/A.B/c", "A.B/c/read"),
    ],
)
def test_action_follows_from_the_path(method: str, path: str, action: str) -> None:
    """The management action is derived from method and path."""
    assert action_of(method, path)[0] == action


@pytest.mark.parametrize(
    ("mode", "role", "repository", "rights"),
    [
        ("LegacyRegistryPermissions", "AcrPull", "", {"pull", "metadata_read", "catalog"}),
        ("LegacyRegistryPermissions", "Reader", "", {"pull", "metadata_read", "catalog"}),
        ("AbacRepositoryPermissions", "Owner", "", set()),
        ("AbacRepositoryPermissions", "AcrPull", "", set()),
        ("AbacRepositoryPermissions", "Container Registry Repository Reader", "team/a", {"pull", "metadata_read"}),
    ],
)
def test_rights_on_content_depend_on_the_mode(mode: str, role: str, repository: str, rights: set[str]) -> None:
    """In ABAC mode only the repository roles count."""
    world, somebody = World(Settings()), Principal("o", "c", "somebody")
    registry = f"{world.add_group('g', 'westeurope').id}/providers/Microsoft.ContainerRegistry/registries/r"
    world.add(registry, {"location": "westeurope", "properties": {"roleAssignmentMode": mode}})
    world.assign(somebody, role, registry)
    assert data_actions(world, somebody, registry, repository) == rights


def test_condition_restricts_to_its_repositories() -> None:
    """The condition of an ABAC assignment names repositories or a prefix of them."""
    world, somebody = World(Settings()), Principal("o", "c", "somebody")
    registry = f"{world.add_group('g', 'westeurope').id}/providers/Microsoft.ContainerRegistry/registries/r"
    world.add(registry, {"properties": {"roleAssignmentMode": "AbacRepositoryPermissions"}})
    attribute = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"
    given = world.assign(somebody, "Container Registry Repository Reader", registry)
    given.properties["condition"] = f"({attribute} StringStartsWithIgnoreCase 'team/')"
    assert "pull" in data_actions(world, somebody, registry, "Team/app")
    assert not data_actions(world, somebody, registry, "other/app")


def test_custom_role_is_enforced_where_it_may_be_assigned(send: Send, scope: str) -> None:
    """Its actions less its notActions; outside its assignable scopes it does not exist; in use it cannot be deleted."""
    role = f"{ROLES}/{uuid.uuid4()}"
    permission = {"actions": ["Contoso.Things/*"], "notActions": ["Contoso.Things/widgets/delete"]}
    properties = {"roleName": f"Widgets of {scope}", "permissions": [permission], "assignableScopes": [scope]}
    assert send("PUT", role, body={"properties": properties}).status_code == 201
    assert assign(send, SUBSCRIPTION, role, OPERATOR_OBJECT_ID).json()["error"]["code"] == "RoleDefinitionDoesNotExist"
    assert assign(send, scope, role, OPERATOR_OBJECT_ID).status_code == 201

    secret = ClientSecretCredential(TENANT_ID, OPERATOR_CLIENT_ID, OPERATOR_SECRET)
    with secret as credential, ResourceManagementClient(credential, SUBSCRIPTION.rpartition("/")[2]) as client:
        operator, widget = sender(client), f"{scope}/providers/Contoso.Things/widgets/w"
        assert operator("PUT", widget, body={}).status_code == 201
        assert operator("DELETE", widget).status_code == 403
        permissions = operator("GET", f"{scope}/{AUTHORIZATION}/permissions").status_code
    assert permissions == 403
    assert send("GET", role).json()["properties"]["type"] == "CustomRole"
    assert send("DELETE", role).json()["error"]["code"] == "RoleDefinitionHasAssignments"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"permissions": [{"actions": ["read everything"]}]}, "InvalidActionOrNotAction"),
        ({"roleName": "Contributor"}, "RoleDefinitionWithSameNameExists"),
        ({"assignableScopes": ["/"]}, "InvalidRoleDefinition"),
        ({"assignableScopes": []}, "InvalidRoleDefinition"),
    ],
)
def test_impossible_custom_role_is_refused(send: Send, change: dict[str, object], code: str) -> None:
    """As a whole: nothing of it is kept."""
    role = f"{ROLES}/{uuid.uuid4()}"
    properties = {"roleName": "new", "permissions": [{"actions": ["*/read"]}], "assignableScopes": [SUBSCRIPTION]}
    assert send("PUT", role, body={"properties": properties | change}).json()["error"]["code"] == code
    assert send("GET", role).status_code == 404


def test_what_was_needed_is_counted(emulator: Emulator, send: Send, scope: str) -> None:
    """Return each action that a role had to allow, with its scope, for all callers."""
    emulator.reset_stats()
    send("PUT", f"{scope}/providers/Contoso.Things/widgets/w", body={})
    assert emulator.stats()["needs"] == {
        "Contoso.Things/widgets/write": [f"{scope}/providers/Contoso.Things/widgets/w"]
    }
