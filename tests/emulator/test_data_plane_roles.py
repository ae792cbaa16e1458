"""Roles for pulls and imports on both registries, and repository roles with conditions."""

import uuid
from collections.abc import Callable
from typing import Any

from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.emulator.conftest import DEMO, REGISTRIES, STABLE, SUBSCRIPTION, MakeRegistry, Send, sender
from tests.emulator.oci import READER, data_plane

ROLES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
CATALOGUE_LISTER = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7"
IMPORTER = "577a9874-89fd-4f24-9dbd-b5034d0ad23a"
CONDITION = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringStartsWithIgnoreCase 'team/'"


def assign(send: Send, scope: str, role: str, condition: str = "") -> None:
    properties: dict[str, Any] = {
        "roleDefinitionId": f"{ROLES}/{role}",
        "principalId": settings.READER_OBJECT_ID,
        "principalType": "ServicePrincipal",
    }
    properties |= {"condition": condition, "conditionVersion": "2.0"} if condition else {}
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    send("PUT", path, "2022-04-01", {"properties": properties}).raise_for_status()


async def test_repository_roles_count_in_abac_mode(arm: Send, make_registry: MakeRegistry) -> None:
    """The old roles give nothing there; a condition keeps its repositories apart from the others."""
    name = make_registry(roleAssignmentMode="AbacRepositoryPermissions")
    async with data_plane(f"{name}.azurecr.io", READER) as client:
        assert (await client.token_answer("repository:team/app:pull")).status == 401
        assign(arm, f"{REGISTRIES}/{name}", REPOSITORY_READER, CONDITION)
        assert (await client.token_answer("repository:team/app:pull")).status == 200
        assert (await client.token_answer("repository:other/app:pull")).status == 401
        assert (await client.token_answer("registry:catalog:*")).status == 401
        assign(arm, f"{REGISTRIES}/{name}", CATALOGUE_LISTER)
        assert (await client.token_answer("registry:catalog:*")).status == 200


def test_import_needs_a_role_on_both_registries(
    start_emulator: Callable[..., Emulator],
    use_emulator: Callable[[Emulator], Emulator],
    send_to: Callable[[], Send],
) -> None:
    """To import at the target, and to read the source: either alone is refused, by different errors."""
    use_emulator(start_emulator(seed="demo", operations="timed"))
    owner = send_to()
    target = f"{REGISTRIES}/importtarget"
    owner("PUT", target, STABLE, {"location": "northeurope", "sku": {"name": "Basic"}}).raise_for_status()
    _revoke_everything(owner)
    source = {"resourceId": f"{REGISTRIES}/{DEMO}", "sourceImage": "charts/shop:0.1.0"}
    body = {"source": source, "targetTags": ["charts/shop:0.1.0"]}
    secret = ClientSecretCredential(settings.TENANT_ID, settings.READER_CLIENT_ID, settings.READER_SECRET)
    with secret, ResourceManagementClient(secret, settings.SUBSCRIPTION_ID) as client:
        importer = sender(client)
        assert _code(importer("POST", f"{target}/importImage", STABLE, body)) == (403, "AuthorizationFailed")
        assign(owner, target, IMPORTER)
        assert _code(importer("POST", f"{target}/importImage", STABLE, body)) == (403, "LinkedAuthorizationFailed")
        assign(owner, f"{REGISTRIES}/{DEMO}", IMPORTER)
        assert importer("POST", f"{target}/importImage", STABLE, body).status_code == 202


def _revoke_everything(send: Send) -> None:
    path = "/providers/Microsoft.Authorization/roleAssignments"
    for one in send("GET", f"{SUBSCRIPTION}{path}", "2022-04-01").json()["value"]:
        if one["properties"]["principalId"] == settings.READER_OBJECT_ID:
            send("DELETE", one["id"], "2022-04-01").raise_for_status()


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
