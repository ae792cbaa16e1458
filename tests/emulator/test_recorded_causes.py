"""Causes seen in recordings of one type hold for its siblings: every child, every operation, every neighbour."""

import re

import pytest

from local_azure.host.routes import RESOURCE_TYPES
from tests.emulator.replay.comparison import Answer
from tests.emulator.replay.furniture import HOME, NETWORK, REGISTRY, RG, SUBNET
from tests.emulator.replay.stage import CHANGED_FIELDS, Stage, body_of

ONE = f"{HOME}/{REGISTRY}"
STABLE = "2025-11-01"
CHILDREN = [
    ("replications/eastus", STABLE, {"tags": {"team": "shop"}}),
    ("webhooks/knownhook", STABLE, {"tags": {"team": "shop"}}),
    ("scopeMaps/known-map", STABLE, {"properties": {"description": "changed"}}),
    ("tokens/known-token", STABLE, {"properties": {"status": "disabled"}}),
    ("credentialSets/known-set", STABLE, {"properties": {"loginServer": "docker.io"}}),
    ("cacheRules/known-rule", STABLE, {"properties": {}}),
    ("connectedRegistries/edgesite", STABLE, {"properties": {"logging": {"logLevel": "Debug"}}}),
    ("importPipelines/knownpipe", "2023-01-01-preview", {"properties": {}}),
    ("tasks/docker-task", "2019-06-01-preview", {"properties": {"status": "Disabled"}}),
]
NETWORKED = [
    ("virtualNetworks/known-network", "2024-05-01"),
    ("privateEndpoints/known-endpoint", "2024-05-01"),
    ("virtualNetworks/known-network/subnets/default", "2024-05-01"),
    ("privateEndpoints/known-endpoint/privateDnsZoneGroups/default", "2024-05-01"),
]


@pytest.mark.parametrize(("child", "version", "_"), CHILDREN, ids=lambda one: str(one)[:30])
async def test_every_child_says_who_made_it(asked: Stage, child: str, version: str, _: object) -> None:
    """Six fields with times of the provider's kind, alone and in its list."""
    path = asked.fill(f"{ONE}/{child}")

    alone = body_of(await asked.arm("GET", path, version))
    listed = body_of(await asked.arm("GET", path.rpartition("/")[0], version))["value"]

    assert alone["systemData"].keys() == CHANGED_FIELDS
    assert all(alone["systemData"][name].endswith("+00:00") for name in ("createdAt", "lastModifiedAt"))
    assert alone["properties"].get("creationDate", "+00:00").endswith("+00:00")
    assert alone in listed


@pytest.mark.parametrize(("child", "version", "change"), CHILDREN, ids=lambda one: str(one)[:30])
async def test_every_change_that_takes_time_is_a_201(asked: Stage, child: str, version: str, change: object) -> None:
    """With azure-asyncoperation and Updating; where it takes no time it is a 200. The last poll repeats the address."""
    changed = await asked.arm("PATCH", asked.fill(f"{ONE}/{child}"), version, change)

    if changed.status == 200:
        assert "azure-asyncoperation" not in changed.headers
        return
    assert (changed.status, body_of(changed)["properties"]["provisioningState"]) == (201, "Updating")
    pending = await asked.poll(changed, done=False)
    assert body_of(pending) == {"status": "Updating"}
    ended = await asked.poll(changed, done=True)
    assert body_of(ended) == {"status": "Succeeded"}
    assert "azure-asyncoperation" in ended.headers


@pytest.mark.parametrize(("child", "version", "_"), CHILDREN, ids=lambda one: str(one)[:30])
async def test_every_deletion_that_takes_time_is_empty(asked: Stage, child: str, version: str, _: object) -> None:
    """202 without a body, `null` in older api-versions, polls without a body; or 200 without one."""
    for inner in ("cacheRules/known-rule", "connectedRegistries/edgesite"):  # they hold others
        if child != inner:
            await asked.make(f"{ONE}/{inner}", STABLE, None, "DELETE")

    deleted = await asked.arm("DELETE", asked.fill(f"{ONE}/{child}"), version)

    if deleted.status == 200:
        assert deleted.body == b""
        return
    assert (deleted.status, deleted.body) == (202, b"null" if version < "2023-11" else b"")
    assert ("content-type" in deleted.headers) == (version < "2023-11")
    assert "/operationResults/" in deleted.headers["location"]
    pending, ended = await asked.poll(deleted, done=False), await asked.poll(deleted, done=True)
    assert (pending.status, pending.body, "location" in pending.headers) == (202, b"", True)
    assert (ended.status, ended.body, "location" in ended.headers) == (200, b"", False)


async def test_what_only_the_provider_knows_is_missing_in_its_words(asked: Stage) -> None:
    """A child that ARM does not track; those that it tracks, and all beneath no registry, are ARM's to miss."""
    untracked = [one.type for one in RESOURCE_TYPES if "/registries/" in one.type and not one.tracked]
    for kind in untracked:
        version = next(one.api_versions[-1] for one in RESOURCE_TYPES if one.type == kind)
        path = asked.fill(f"{ONE}/{kind.partition('/registries/')[2]}/absent1")
        if "archives" in kind:
            continue
        answer = await asked.arm("GET", path, version)
        assert answer.status == 404, kind
        assert body_of(answer) == {
            "error": {"code": "ResourceNotFound", "message": "The resource absent1 could not be found."},
            "status": "Failed",
        }
        assert "x-ms-failure-cause" not in answer.headers


async def test_passwords_of_a_missing_token_are_missed_by_the_provider(asked: Stage) -> None:
    """Azure Resource Manager does not track tokens, so the provider answers, whatever names one."""
    body = {"tokenId": asked.fill(f"{ONE}/tokens/absent-token")}
    answer = await asked.arm("POST", asked.fill(f"{ONE}/generateCredentials"), STABLE, body)

    assert (answer.status, body_of(answer)["status"]) == (404, "Failed")
    assert "x-ms-failure-cause" not in answer.headers


@pytest.mark.parametrize(("path", "version"), NETWORKED)
async def test_every_answer_of_a_provider_has_its_headers(asked: Stage, path: str, version: str) -> None:
    """Lists and deletions too, with the id of the request."""
    whole = asked.fill(f"{NETWORK}/{path}")
    listed = await asked.arm("GET", whole.rpartition("/")[0], version)
    deleted = await asked.arm("DELETE", whole, version)

    for answer in (listed, deleted):
        if answer.status < 300:
            assert answer.headers["x-ms-arm-service-request-id"] == answer.headers["x-ms-request-id"]


@pytest.mark.parametrize("sent", ["SystemAssigned", "systemassigned", "systemAssigned"])
async def test_the_provider_spells_identities_in_its_own_way(asked: Stage, sent: str) -> None:
    """The answer is the same for any body; the principal is there at once; ARM's list has capitals."""
    body = {"location": "westus", "sku": {"name": "Premium"}, "identity": {"type": sent}}
    path = asked.fill(f"{HOME}/spelling")
    made = body_of(await asked.arm("PUT", path, STABLE, body))
    listed = body_of(await asked.arm("GET", asked.fill(f"{RG}/resources"), "2021-04-01"))["value"]

    assert made["identity"]["type"] == "systemAssigned"
    assert made["identity"]["principalId"]
    assert [one["identity"]["type"] for one in listed if one["name"] == "spelling"] == ["SystemAssigned"]


@pytest.mark.parametrize(("path", "version"), NETWORKED)
async def test_network_resources_have_versions_and_operations_of_their_own(
    asked: Stage, path: str, version: str
) -> None:
    """An etag, and operations at the region, whose polls say InProgress and have no address."""
    whole = asked.fill(f"{NETWORK}/{path}")
    shown = body_of(await asked.arm("GET", whole, version))
    answer = await asked.arm("PUT", whole, version, shown)

    assert re.fullmatch(r'W/"[0-9a-f-]{36}"', shown["etag"])
    assert answer.headers["azure-asyncnotification"] == "Enabled"
    assert answer.headers["x-ms-arm-service-request-id"]
    assert "/locations/westus/operations/" in answer.headers["azure-asyncoperation"]
    pending = await asked.poll(answer, done=False)
    assert (pending.status, body_of(pending)) == (200, {"status": "InProgress"})
    assert "azure-asyncoperation" not in pending.headers


async def test_zones_and_links_are_made_by_an_operation_of_dns(asked: Stage) -> None:
    """202 and `{}`, both headers beneath the group, 202 while it is under way."""
    zone = asked.fill(f"{NETWORK}/privateDnsZones/privatelink.azurecr.io")
    network = {"virtualNetwork": {"id": SUBNET.rpartition("/subnets/")[0]}}
    asks = [
        (asked.fill(f"{NETWORK}/privateDnsZones/fresh.example"), {"location": "global"}),
        (f"{zone}/virtualNetworkLinks/fresh", {"location": "global", "properties": network}),
    ]
    for path, body in asks:
        made = await asked.arm("PUT", path, "2020-06-01", body)
        assert (made.status, made.body) == (202, b"{}")
        for header in ("azure-asyncoperation", "location"):
            pending = await asked.poll(made, done=False, header=header)
            assert pending.status == 202
        assert body_of(await asked.poll(made, done=True)) == {"status": "Succeeded"}


async def test_a_registry_that_is_deleted_with_its_replicas_is_shown(asked: Stage) -> None:
    """202 and the whole registry, Deleting; one without replicas is gone at once."""
    deleted = await asked.arm("DELETE", asked.fill(ONE), "2023-01-01-preview")

    assert (deleted.status, body_of(deleted)["properties"]["provisioningState"]) == (202, "Deleting")


async def test_a_key_that_rotates_takes_an_operation(asked: Stage) -> None:
    """A PATCH of the key is a 201, any other a 200."""
    key = {"keyVaultProperties": {"keyIdentifier": "https://known-vault.vault.azure.net/keys/key", "identity": "x"}}
    body = {"properties": {"encryption": {"status": "enabled", **key}}}

    assert (await asked.arm("PATCH", asked.fill(ONE), STABLE, body)).status == 201
    assert (await asked.arm("PATCH", asked.fill(ONE), STABLE, {"tags": {}})).status == 200


async def test_the_home_region_is_listed_beside_another_replica(asked: Stage) -> None:
    """Without another the list is empty, though the registry has a home."""
    path = asked.fill(f"{ONE}/replications")
    both = [one["name"] for one in body_of(await asked.arm("GET", path, STABLE))["value"]]
    await asked.make(f"{ONE}/replications/eastus", STABLE, None, "DELETE")

    assert sorted(both) == ["eastus", "westus"]
    assert body_of(await asked.arm("GET", path, STABLE))["value"] == []


@pytest.mark.parametrize("child", ["tokens/known-token", "scopeMaps/known-map", "cacheRules/known-rule"])
async def test_what_arm_does_not_track_has_no_tags(asked: Stage, child: str) -> None:
    """Tags that are sent are dropped."""
    changed = await asked.arm("PATCH", asked.fill(f"{ONE}/{child}"), STABLE, {"tags": {"team": "shop"}})

    assert changed.status == 201
    assert "tags" not in body_of(changed)


@pytest.mark.parametrize(
    ("path", "noun"), [("privatelink.azurecr.io", "Zone"), ("privatelink.azurecr.io/A/empty", "Record set")]
)
async def test_zones_and_records_change_only_at_the_version_that_was_asked_for(
    asked: Stage, path: str, noun: str
) -> None:
    """A record says 412 at once, with code and message alone; a zone says it inside of its operation."""
    whole, version = asked.fill(f"{NETWORK}/privateDnsZones/{path}"), "2020-06-01"
    shown = await asked.arm("GET", whole, version)
    body = body_of(shown)

    other = await asked.arm("PUT", whole, version, body, If_Match="0c2f9b4e-0000-0000-0000-000000000000")
    again = await asked.arm("PUT", whole, version, body, If_None_Match="*")
    gone = await asked.arm("DELETE", whole, version, If_Match="other")
    told = [body_of(one) if noun == "Record set" else await _reason(asked, one) for one in (other, again, gone)]
    same = await asked.arm("PUT", whole, version, body, If_Match=shown.headers["etag"])

    named = f"The {noun} {path.rpartition('/')[2]}"
    changed = {"code": "PreconditionFailed", "message": f"{named} has been modified (etag mismatch)."}
    there = {"code": "PreconditionFailed", "message": f"{named} exists already and hence cannot be created again."}
    assert [one.status for one in (other, again, gone)] == 3 * [412 if noun == "Record set" else 202]
    assert told == [changed, there, changed]
    assert same.status < 300


async def _reason(asked: Stage, accepted: Answer) -> dict[str, str]:
    assert accepted.body in (b"{}", b"")
    ended = body_of(await asked.poll(accepted, done=True))
    assert ended["status"] == "Failed"
    reason: dict[str, str] = ended["error"]
    return reason


async def test_graph_tells_the_date_and_the_ids_of_what_it_refuses(asked: Stage) -> None:
    """In `innerError`, and as headers."""
    graph = "https://graph.microsoft.com"
    missing = await asked.ask("GET", f"{graph}/v1.0/servicePrincipals/absent", audience=graph)
    anonymous = await asked.raw("GET", f"{graph}/v1.0/me")

    for answer, status, code in ((missing, 404, "Request_ResourceNotFound"), (anonymous, 401, "AuthenticationFailed")):
        error = body_of(answer)["error"]
        assert (answer.status, error["code"]) == (status, code)
        assert error["innerError"].keys() == {"date", "request-id", "client-request-id"}
        assert error["innerError"]["request-id"] == answer.headers["request-id"]


@pytest.mark.parametrize(("method", "path"), [("PUT", "/acr/v1/app"), ("GET", "/acr/v1/app/_tags/v1/extra")])
async def test_what_is_unknown_beneath_acr_v1_is_told(asked: Stage, method: str, path: str) -> None:
    """501 in the form of registries, never an answer that looks like Azure's."""
    answer = await asked.data(method, path)

    assert (answer.status, body_of(answer)["errors"][0]["code"]) == (501, "UNSUPPORTED")


async def test_a_cluster_keeps_its_principal_while_it_is_changed(asked: Stage) -> None:
    """The answer of the PUT has it, as that of a GET has."""
    path = asked.fill(f"{RG}/providers/Microsoft.ContainerService/managedClusters/known-cluster")
    before = body_of(await asked.arm("GET", path, "2024-05-01"))
    sent = before | {"identity": {"type": "SystemAssigned"}}

    changed = body_of(await asked.arm("PUT", path, "2024-05-01", sent))

    assert changed["identity"] == before["identity"]
