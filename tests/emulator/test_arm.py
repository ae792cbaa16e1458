import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient

from local_azure.launcher import Emulator
from local_azure.state.directory import Directory, Principal
from local_azure.state.settings import OWNER_CLIENT_ID, OWNER_OBJECT_ID, SUBSCRIPTION_ID
from tests.emulator.conftest import SUBSCRIPTION, Send

OWNER = Principal(OWNER_OBJECT_ID, OWNER_CLIENT_ID, "owner")
WIDGET = "Contoso.Things/widgets"


def widget(group: str, name: str = "one") -> str:
    return f"{SUBSCRIPTION}/resourceGroups/{group}/providers/{WIDGET}/{name}"


def test_subscription_says_that_it_is_embedded(emulator: Emulator) -> None:
    """A client can tell this Azure from a real one."""
    with DefaultAzureCredential() as credential, SubscriptionClient(credential) as client:
        [subscription] = client.subscriptions.list()
        assert subscription.subscription_policies.quota_id == "LocalAzure"
        assert [tenant.tenant_id for tenant in client.tenants.list()] == ["11111111-1111-1111-1111-111111111111"]


def test_locations_have_pairs_and_zones(emulator: Emulator) -> None:
    """Regions say where they are, which region they are paired with and how their zones map."""
    with DefaultAzureCredential() as credential, SubscriptionClient(credential) as client:
        regions = {region.name: region for region in client.subscriptions.list_locations(SUBSCRIPTION_ID)}
    assert regions["westeurope"].metadata.paired_region[0].name == "northeurope"
    assert [mapping.logical_zone for mapping in regions["westeurope"].availability_zone_mappings] == ["1", "2", "3"]
    assert regions["westus"].availability_zone_mappings is None


def test_group_lives_from_put_to_delete(resources: ResourceManagementClient, group_name: str) -> None:
    """A group is created, found, updated, listed and deleted with an operation."""
    groups = resources.resource_groups
    assert groups.check_existence(group_name) is False
    groups.create_or_update(group_name, {"location": "West Europe", "tags": {"a": "b"}})
    assert groups.check_existence(group_name) is True
    assert groups.get(group_name.upper()).location == "westeurope"
    assert group_name in [group.name for group in groups.list(filter="tagName eq 'a' and tagValue eq 'b'")]
    groups.begin_delete(group_name).result()
    with pytest.raises(ResourceNotFoundError) as caught:
        groups.get(group_name)
    assert caught.value.error.code == "ResourceGroupNotFound"


def test_group_in_another_location_is_a_conflict(resources: ResourceManagementClient, group_name: str) -> None:
    """A group cannot move by being put again."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    with pytest.raises(ResourceExistsError) as caught:
        resources.resource_groups.create_or_update(group_name, {"location": "northeurope"})
    assert caught.value.error.code == "InvalidResourceGroupLocation"


def test_impossible_location_is_refused(resources: ResourceManagementClient, group_name: str) -> None:
    """A region that does not exist is an error of ARM."""
    with pytest.raises(HttpResponseError) as caught:
        resources.resource_groups.create_or_update(group_name, {"location": "atlantis"})
    assert caught.value.error.code == "LocationNotAvailableForResourceGroup"


def test_unknown_type_keeps_every_property(send: Send, group_name: str) -> None:
    """A resource of a type without opinions comes back as it was put, whatever the case of its id."""
    send("PUT", f"{SUBSCRIPTION}/resourceGroups/{group_name}", body={"location": "westeurope"})
    created = send("PUT", widget(group_name), body={"location": "westeurope", "properties": {"odd": [1, {"x": None}]}})
    assert created.status_code == 201
    shown = send("GET", widget(group_name).upper()).json()
    assert shown["id"] == widget(group_name)
    assert shown["properties"]["odd"] == [1, {"x": None}]
    assert send("PUT", widget(group_name), body={"location": "westeurope"}).status_code == 200
    assert send("DELETE", widget(group_name)).status_code == 200
    assert send("DELETE", widget(group_name)).status_code == 204


def test_patch_merges_properties(send: Send, group_name: str) -> None:
    """PATCH keeps the properties that it does not name."""
    send("PUT", f"{SUBSCRIPTION}/resourceGroups/{group_name}", body={"location": "westeurope"})
    send("PUT", widget(group_name), body={"location": "westeurope", "properties": {"a": 1, "b": 1}})
    patched = send("PATCH", widget(group_name), body={"properties": {"b": 2}, "tags": {"x": "y"}}).json()
    assert (patched["properties"]["a"], patched["properties"]["b"], patched["tags"]) == (1, 2, {"x": "y"})


def test_resources_are_listed_by_filter(resources: ResourceManagementClient, send: Send, group_name: str) -> None:
    """`$filter` selects by type, by name and by tag, with `and`."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    for name in ("one", "two"):
        send("PUT", widget(group_name, name), body={"location": "westeurope", "tags": {"name": name}})
    in_group = resources.resources.list_by_resource_group
    assert [one.name for one in in_group(group_name, filter=f"resourceType eq '{WIDGET}' and name eq 'two'")] == ["two"]
    assert [one.name for one in in_group(group_name, filter="tagName eq 'name' and tagValue eq 'one'")] == ["one"]
    with pytest.raises(HttpResponseError) as caught:
        list(in_group(group_name, filter="nonsense"))
    assert caught.value.error.code == "InvalidFilterInQueryString"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/g", "SubscriptionNotFound"),
        (f"{SUBSCRIPTION}/resourceGroups/nowhere/providers/{WIDGET}/one", "ResourceGroupNotFound"),
        (f"{SUBSCRIPTION}/resourceGroups/nowhere", "ResourceGroupNotFound"),
        (f"{SUBSCRIPTION}/providers/Contoso.Nothing", "InvalidResourceNamespace"),
    ],
)
def test_what_is_missing_is_named(send: Send, path: str, code: str) -> None:
    """A 404 says whether the subscription, the group or the namespace is not there."""
    response = send("GET", path)
    assert (response.status_code, response.json()["error"]["code"]) == (404, code)


def test_child_needs_its_parent(send: Send, group_name: str) -> None:
    """A nested resource without a parent is refused."""
    send("PUT", f"{SUBSCRIPTION}/resourceGroups/{group_name}", body={"location": "westeurope"})
    assert send("GET", widget(group_name)).json()["error"]["code"] == "ResourceNotFound"
    response = send("PUT", f"{widget(group_name)}/parts/a", body={})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "ParentResourceNotFound")


def test_api_version_is_required_and_checked(send: Send, group_name: str) -> None:
    """A missing api-version and one that the type does not have are both 400."""
    send("PUT", f"{SUBSCRIPTION}/resourceGroups/{group_name}", body={"location": "westeurope"})
    path = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/Microsoft.Insights/diagnosticSettings"
    assert send("GET", path, "1999-01-01").json()["error"]["code"] == "NoRegisteredProviderFound"
    assert send("GET", f"{SUBSCRIPTION}/resourceGroups", "").json()["error"]["code"] == "MissingApiVersionParameter"


def test_unknown_route_says_so(send: Send) -> None:
    """A request that the emulator does not know is a 501 that names method and path, never a guess."""
    response = send("POST", "/providers/Microsoft.Billing/pay")
    assert response.status_code == 501
    assert "POST /providers/Microsoft.Billing/pay" in response.json()["error"]["message"]


def test_tags_at_a_scope(resources: ResourceManagementClient, group_name: str) -> None:
    """Tags are merged, replaced and deleted apart from their resource."""
    scope = resources.resource_groups.create_or_update(group_name, {"location": "westeurope", "tags": {"a": "1"}}).id
    tags = resources.tags
    tags.begin_update_at_scope(scope, {"operation": "Merge", "properties": {"tags": {"b": "2"}}}).result()
    assert tags.get_at_scope(scope).properties.tags == {"a": "1", "b": "2"}
    tags.begin_update_at_scope(scope, {"operation": "Delete", "properties": {"tags": {"a": "1"}}}).result()
    assert resources.resource_groups.get(group_name).tags == {"b": "2"}


def test_diagnostic_settings_answer_200_and_need_a_sink(send: Send, group_name: str) -> None:
    """az takes nothing but 200 for a new setting; a setting without a sink is refused."""
    send("PUT", f"{SUBSCRIPTION}/resourceGroups/{group_name}", body={"location": "westeurope"})
    send("PUT", widget(group_name), body={"location": "westeurope"})
    path = f"{widget(group_name)}/providers/microsoft.insights/diagnosticSettings/all"
    workspace = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/Microsoft.OperationalInsights/workspaces/logs"
    body = {"properties": {"workspaceId": workspace, "logs": [{"category": "x", "enabled": True}]}}
    assert send("PUT", path, "2021-05-01-preview", body).status_code == 200
    listed = send("GET", path.rpartition("/")[0], "2021-05-01-preview").json()["value"]
    assert [setting["properties"]["workspaceId"] for setting in listed] == [workspace]
    assert send("PUT", path + "2", "2021-05-01-preview", {"properties": {}}).status_code == 400


def test_missing_registration_registers_itself(
    resources: ResourceManagementClient, send: Send, group_name: str
) -> None:
    """Use of an unregistered namespace is a 409 until the namespace is registered."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    resources.providers.unregister("Microsoft.EventGrid")
    path = f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers/Microsoft.EventGrid/topics/t"
    # Not through the SDK: it would register by itself and then sleep for ten seconds.
    headers = {"Authorization": f"Bearer {Directory().access_token(OWNER, 'https://management.azure.com', 60)}"}
    url = f"https://management.azure.com{path}?api-version=2022-04-01"
    refused = requests.put(url, json={"location": "westeurope"}, headers=headers, timeout=10)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "MissingSubscriptionRegistration")
    assert resources.providers.register("Microsoft.EventGrid").registration_state == "Registering"
    assert resources.providers.get("Microsoft.EventGrid").registration_state == "Registered"
    assert send("PUT", path, body={"location": "westeurope"}).status_code == 201
