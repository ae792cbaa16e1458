"""The embedded Azure takes the requests of the public REST specification's examples, and answers with their shape."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.rest import HttpResponse

from local_azure.launcher import Emulator
from tests.emulator.conftest import STABLE, SUBSCRIPTION, Send
from tests.emulator.rest_examples import KINDS, LINK, PASSWORDS, PREMIUM, REGISTRY, Kind, Shape

Json = dict[str, Any]

GROUP = f"{SUBSCRIPTION}/resourceGroups/examples"
REGISTRIES = "Microsoft.ContainerRegistry/registries"
NUMBERS = itertools.count(1)

COMMON = {f"{kind.example}{name}" for kind in KINDS for name in ("Create", "Get", "List", "Update", "Delete")}
OTHERS = {
    "ConnectedRegistryDeactivate", "ImportImageByManifestDigest", "ImportImageByTag", "ImportImageFromPublicRegistry",
    "OperationList", "PrivateEndpointConnectionCreateOrUpdate", "PrivateEndpointConnectionDelete",
    "PrivateEndpointConnectionGet", "PrivateEndpointConnectionList", "RegistryCheckNameAvailable",
    "RegistryCheckNameNotAvailable", "RegistryCreate", "RegistryCreateAbac", "RegistryCreateZoneRedundant",
    "RegistryDelete", "RegistryGenerateCredentials", "RegistryGet", "RegistryGetPrivateLinkResource", "RegistryList",
    "RegistryListByResourceGroup", "RegistryListCredentials", "RegistryListPrivateLinkResources", "RegistryListUsages",
    "RegistryRegenerateCredential", "RegistryUpdate", "ReplicationCreateZoneRedundant", "WebhookGetCallbackConfig",
    "WebhookListEvents", "WebhookPing",
}  # fmt: skip
"""All 64 examples: COMMON are those of a child's life, the others are called by these names in the tests below."""


class Registry:
    """A registry of a test's own, spoken to at 2025-11-01."""

    def __init__(self, send: Send, resource_id: str) -> None:
        self._send = send
        self.id = resource_id

    def call(self, method: str, path: str, body: Json | None = None, *statuses: int) -> HttpResponse:
        """The answer; its status is one of those of the example."""
        own = None if body is None else json.loads(json.dumps(body).replace("{id}", self.id))
        where = path if path.startswith("/") else f"{self.id}/{path}".rstrip("/")
        answer = self._send(method, where, STABLE, own)
        assert answer.status_code in (statuses or (200,)), (answer.status_code, answer.text())
        return answer


@pytest.fixture
def registry(emulator: Emulator, send: Send) -> Iterator[Registry]:
    """A Premium registry."""
    send("PUT", GROUP, "2022-09-01", {"location": "westeurope"})
    made = Registry(send, f"{GROUP}/providers/{REGISTRIES}/examples{next(NUMBERS)}")
    body = {
        "location": "westeurope",
        "sku": {"name": "Premium"},
        "tags": {"a": "b"},
        "properties": {"adminUserEnabled": True},
    }
    made.call("PUT", "", body, 201)
    yield made
    made.call("DELETE", "", None, 200, 202, 204)


def unlike(answer: Any, shape: Shape, path: str = "") -> list[str]:
    """Where an answer lacks something of the shape, or has something of another type there."""
    if isinstance(shape, dict):
        if not isinstance(answer, dict):
            return [f"{path}: {type(answer).__name__}"]
        lacking = [f"{path}.{name} is missing" for name in shape.keys() - answer.keys()]
        return [
            *lacking,
            *(e for name in shape.keys() & answer.keys() for e in unlike(answer[name], shape[name], f"{path}.{name}")),
        ]
    if isinstance(shape, list):
        if not isinstance(answer, list):
            return [f"{path}: {type(answer).__name__}"]
        return [e for position, entry in enumerate(answer) for e in unlike(entry, shape[0], f"{path}[{position}]")]
    return [] if isinstance(answer, shape) else [f"{path}: {type(answer).__name__}"]


def make_private_endpoint(registry: Registry) -> None:
    """A private endpoint to the registry, in a network beside it."""
    network = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
    subnets = [{"name": "endpoints", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    registry.call("PUT", network, {"location": "westeurope", "properties": space}, 200, 201)
    link = {"name": "acr", "properties": {"privateLinkServiceId": "{id}", "groupIds": ["registry"]}}
    endpoint = {"subnet": {"id": f"{network}/subnets/endpoints"}, "privateLinkServiceConnections": [link]}
    path = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/{registry.id.rpartition('/')[2]}"
    registry.call("PUT", path, {"location": "westeurope", "properties": endpoint}, 200, 201)


def by_kind(kind: Kind) -> str:
    return kind.example


@pytest.mark.parametrize("kind", KINDS, ids=by_kind)
def test_the_life_of_a_child(kind: Kind, registry: Registry) -> None:
    """Create, Get, List, Update, Delete: each accepted, and what is shown has the example's properties and types."""
    for path, body in kind.parents:
        registry.call("PUT", path, body, 200, 201)

    created = registry.call("PUT", kind.path, kind.create, 200, 201)
    got = registry.call("GET", kind.path)
    listed = registry.call("GET", kind.path.split("/")[0])
    updated = registry.call("PATCH", kind.path, kind.update, 200, 201)
    registry.call("DELETE", kind.path, None, 200, 202, 204)

    assert unlike(created.json() | {"identity": got.json().get("identity")}, kind.shape) == []  # told when it is made
    for answer in (got, updated):
        assert unlike(answer.json(), kind.shape) == []
    assert got.json() in listed.json()["value"]
    sent = json.loads(json.dumps(kind.update).replace("{id}", registry.id))
    changed = updated.json()
    for name, value in (sent.get("properties") or {}).items():
        shown = changed["properties"].get(name, value)  # what is secret is not shown
        assert json.dumps(value)[:20] == json.dumps(shown)[:20] or name in {"authCredentials", "credentials"}
    assert registry._send("GET", f"{registry.id}/{kind.path}", STABLE).status_code == 404


def test_every_example_is_named_once() -> None:
    """64 examples, as the specification has them."""
    assert len(COMMON | OTHERS) == len(COMMON) + len(OTHERS) == 64


class TestRegistry:
    def test_create(self, registry: Registry) -> None:
        """RegistryCreate, RegistryGet: a Standard registry with an admin; network rules are shown for Premium only."""
        other = f"{registry.id}std"
        body = {
            "location": "westeurope",
            "tags": {"a": "b"},
            "sku": {"name": "Standard"},
            "properties": {"adminUserEnabled": True},
        }

        created = registry.call("PUT", other, body, 200, 201)

        assert unlike(created.json(), REGISTRY) == []
        assert unlike(registry.call("GET", other).json(), REGISTRY) == []
        assert unlike(registry.call("GET", "").json(), PREMIUM) == []
        assert created.json()["properties"]["adminUserEnabled"]

    @pytest.mark.parametrize(
        "setting", [{"roleAssignmentMode": "AbacRepositoryPermissions"}, {"zoneRedundancy": "Enabled"}]
    )
    def test_create_with_a_setting(self, setting: Json, registry: Registry) -> None:
        """RegistryCreateAbac, RegistryCreateZoneRedundant: shown as asked for."""
        body = {"location": "westeurope", "sku": {"name": "Premium"}, "properties": setting}

        shown = registry.call("PUT", f"{registry.id}more", body, 200, 201).json()

        assert unlike(shown, PREMIUM) == []
        assert setting.items() <= shown["properties"].items()

    def test_update(self, registry: Registry) -> None:
        """RegistryUpdate: tags, SKU and properties at once, and nothing else changes."""
        before = registry.call("GET", "").json()
        change = {
            "tags": {"c": "d"},
            "sku": {"name": "Premium"},
            "properties": {"roleAssignmentMode": "AbacRepositoryPermissions"},
        }

        after = registry.call("PATCH", "", change, 200, 201).json()

        assert unlike(after, PREMIUM) == []
        assert after["tags"] == {"c": "d"}
        assert after["properties"] | {"roleAssignmentMode": "LegacyRegistryPermissions"} == before["properties"]

    @pytest.mark.parametrize("scope", [SUBSCRIPTION, GROUP])
    def test_list(self, scope: str, registry: Registry) -> None:
        """RegistryList, RegistryListByResourceGroup."""
        listed = registry.call("GET", f"{scope}/providers/{REGISTRIES}").json()["value"]

        [shown] = [one for one in listed if one["id"] == registry.id]
        assert unlike(shown, REGISTRY) == []

    def test_delete(self, registry: Registry) -> None:
        """RegistryDelete: gone, and again is no error."""
        registry.call("DELETE", "", None, 200, 202)
        registry.call("DELETE", "", None, 204)

    def test_names(self, registry: Registry) -> None:
        """RegistryCheckNameAvailable, RegistryCheckNameNotAvailable."""
        path = f"{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry/checkNameAvailability"

        free = registry.call("POST", path, {"name": "examplesfree", "type": REGISTRIES}).json()
        taken = registry.call("POST", path, {"name": registry.id.rpartition("/")[2], "type": REGISTRIES}).json()

        assert free["nameAvailable"] is True
        assert unlike(taken, {"nameAvailable": bool, "reason": str, "message": str}) == []
        assert (taken["nameAvailable"], taken["reason"]) == (False, "AlreadyExists")

    def test_credentials(self, registry: Registry) -> None:
        """RegistryListCredentials, RegistryRegenerateCredential: one of the two passwords is new."""
        before = registry.call("POST", "listCredentials").json()
        after = registry.call("POST", "regenerateCredential", {"name": "password"}).json()

        assert unlike(before, PASSWORDS) == unlike(after, PASSWORDS) == []
        changed = [old["name"] for old, new in zip(before["passwords"], after["passwords"], strict=True) if old != new]
        assert changed == ["password"]

    def test_token_credentials(self, registry: Registry) -> None:
        """RegistryGenerateCredentials: both passwords with their expiry, where none is named."""
        registry.call(
            "PUT", "tokens/builder", {"properties": {"scopeMapId": "{id}/scopeMaps/_repositories_pull"}}, 200, 201
        )
        body = {"tokenId": "{id}/tokens/builder", "expiry": "2031-12-31T00:00:00Z"}

        made = registry.call("POST", "generateCredentials", body, 200, 202).json()

        assert unlike(made, PASSWORDS | {"passwords": [{"name": str, "value": str, "expiry": str}]}) == []
        assert [one["name"] for one in made["passwords"]] == ["password1", "password2"]

    def test_usages(self, registry: Registry) -> None:
        """RegistryListUsages."""
        usages = registry.call("GET", "listUsages").json()["value"]

        assert unlike(usages, [{"name": str, "limit": int, "currentValue": int, "unit": str}]) == []
        assert {"Size", "Webhooks"} <= {usage["name"] for usage in usages}

    def test_private_link_resources(self, registry: Registry) -> None:
        """RegistryListPrivateLinkResources, RegistryGetPrivateLinkResource: the same one."""
        listed = registry.call("GET", "privateLinkResources").json()["value"]

        assert unlike(listed, [LINK]) == []
        assert registry.call("GET", "privateLinkResources/registry").json() == listed[0]


class TestActions:
    def test_operations(self, registry: Registry) -> None:
        """OperationList: what roles can be made of."""
        listed = registry.call("GET", "/providers/Microsoft.ContainerRegistry/operations").json()["value"]

        display = {"provider": str, "resource": str, "operation": str, "description": str}
        assert unlike(listed, [{"name": str, "display": display}]) == []
        assert "Microsoft.ContainerRegistry/registries/importImage/action" in {one["name"] for one in listed}

    def test_webhook_actions(self, registry: Registry) -> None:
        """WebhookGetCallbackConfig, WebhookPing, WebhookListEvents: only the first tells the address."""
        hook = next(kind for kind in KINDS if kind.example == "Webhook")
        registry.call("PUT", hook.path, hook.create, 200, 201)

        config = registry.call("POST", f"{hook.path}/getCallbackConfig").json()
        ping = registry.call("POST", f"{hook.path}/ping").json()
        events = registry.call("POST", f"{hook.path}/listEvents").json()

        assert config == {name: hook.create["properties"][name] for name in ("serviceUri", "customHeaders")}
        assert unlike(ping, {"id": str}) == []
        assert unlike(events, {"value": list}) == []

    def test_deactivate(self, registry: Registry) -> None:
        """ConnectedRegistryUpdate, -Deactivate: the parent's schedule is changed without naming the parent."""
        kind = next(kind for kind in KINDS if kind.example == "ConnectedRegistry")
        for path, body in (*kind.parents, (kind.path, kind.create)):
            registry.call("PUT", path, body, 200, 201)

        updated = registry.call("PATCH", kind.path, kind.update, 200, 201).json()
        registry.call("POST", f"{kind.path}/deactivate", None, 200, 202)

        sync = updated["properties"]["parent"]["syncProperties"]
        assert (sync["messageTtl"], sync["syncWindow"]) == ("P30D", "PT3H")
        assert registry.call("GET", kind.path).json()["properties"]["activation"] == {"status": "Inactive"}

    def test_zone_redundant_replication(self, registry: Registry) -> None:
        """ReplicationCreateZoneRedundant."""
        kind = next(kind for kind in KINDS if kind.example == "Replication")
        zones = {"regionEndpointEnabled": True, "zoneRedundancy": "Enabled"}

        made = registry.call("PUT", kind.path, kind.create | {"properties": zones}, 200, 201).json()

        assert unlike(made, kind.shape) == []
        assert zones.items() <= made["properties"].items()

    def test_private_endpoint_connections(self, registry: Registry) -> None:
        """PrivateEndpointConnectionList, -Get, -CreateOrUpdate, -Delete: the registry's side of a private endpoint."""
        make_private_endpoint(registry)
        listed = registry.call("GET", "privateEndpointConnections").json()["value"]
        path = f"privateEndpointConnections/{listed[0]['name']}"
        state = {"status": "Approved", "description": "Looked at"}

        got = registry.call("GET", path).json()
        body = {"properties": {"privateLinkServiceConnectionState": state}}
        registry.call("PUT", path, body, 200, 201)
        changed = registry.call("GET", path).json()  # the answer to the PUT shows the state before
        registry.call("DELETE", path, None, 200, 202, 204)

        link = {"provisioningState": str, "privateEndpoint": {"id": str}}
        shape = {"properties": link | {"privateLinkServiceConnectionState": {"status": str, "description": str}}}
        assert unlike(got, shape) == unlike(changed, shape) == []
        assert changed["properties"]["privateLinkServiceConnectionState"]["description"] == "Looked at"
        assert registry.call("GET", "privateEndpointConnections").json()["value"] == []

    @pytest.mark.parametrize("example", ["ImportImageByManifestDigest", "ImportImageByTag"])
    def test_import(self, example: str, demo: Emulator, arm: Send, make_registry: Callable[..., str]) -> None:
        """Both tags and untagged repositories at once, by resource id: accepted, with the place to ask about it."""
        name = make_registry()
        source = f"{SUBSCRIPTION}/resourceGroups/contoso-west/providers/{REGISTRIES}/contosoregistry"
        tags = demo.content("contosoregistry")["repositories"]["base/nginx"]["tags"]
        tag, digest = next(iter(tags.items()))
        image = f"base/nginx@{digest}" if example.endswith("Digest") else f"base/nginx:{tag}"
        body = {
            "source": {"resourceId": source, "sourceImage": image},
            "targetTags": ["base/copy:one"],
            "untaggedTargetRepositories": ["base/other"],
            "mode": "Force",
        }
        registry = Registry(arm, f"{SUBSCRIPTION}/resourceGroups/contoso-west/providers/{REGISTRIES}/{name}")

        accepted = registry.call("POST", "importImage", body, 200, 202)

        assert accepted.status_code == 200 or "/operationResults/" in accepted.headers["Location"]

    def test_import_from_elsewhere(self, registry: Registry) -> None:
        """ImportImageFromPublicRegistry: understood, and refused in words: nothing leaves the embedded Azure."""
        body = {
            "source": {"registryUri": "registry.hub.docker.com", "sourceImage": "library/busybox"},
            "targetTags": ["app:one"],
            "untaggedTargetRepositories": ["other"],
            "mode": "Force",
        }

        answer = registry.call("POST", "importImage", body, 200, 202, 400, 501)

        assert answer.status_code in (200, 202) or "registry.hub.docker.com" in answer.text()
