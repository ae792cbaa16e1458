"""Refusals that hold for anything in Azure, and strange values that it takes."""

import hashlib
import json

import pytest

from local_azure.launcher import Emulator
from tests.emulator.conftest import REGISTRIES, STABLE, MakeRegistry, Send
from tests.emulator.oci import ALL, OCI_INDEX, OCI_MANIFEST, data_plane, digest_of


def tags(count: int) -> dict[str, str]:
    return {f"tag{number}": "x" for number in range(count)}


def test_a_resource_has_fifty_tags_at_most(send: Send, make_registry: MakeRegistry) -> None:
    """One more is a 400, by PUT and by PATCH."""
    path = f"{REGISTRIES}/{make_registry()}"

    assert send("PATCH", path, STABLE, {"tags": tags(50)}).status_code < 300
    refused = send("PATCH", path, STABLE, {"tags": tags(51)})

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "TooManyTags")


def test_a_group_has_fifty_tags_at_most(send: Send, group_name: str) -> None:
    """As any resource."""
    path = f"/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/{group_name}"

    refused = send("PUT", path, body={"location": "westeurope", "tags": tags(51)})

    assert refused.json()["error"]["code"] == "TooManyTags"


@pytest.mark.parametrize("name", ["mymicrosoft", "windowsimages", "loginimages", "office365"])
def test_a_reserved_name_is_refused(send: Send, group_name: str, name: str) -> None:
    """Microsoft's trademarks, whole or as a part."""
    group = f"/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/{group_name}"
    assert send("PUT", group, body={"location": "westeurope"}).status_code == 201
    body = {"location": "westeurope", "sku": {"name": "Premium"}}

    path = f"{group}/providers/Microsoft.ContainerRegistry/registries/{name}"
    refused = send("PUT", path, STABLE, body)

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ReservedResourceName")


@pytest.mark.parametrize("tag", ["x" * 129, "bad~tag", "-x", ".x", "sha512:" + hashlib.sha512(b"").hexdigest()])
async def test_a_tag_has_the_syntax_of_oci(make_registry: MakeRegistry, tag: str) -> None:
    """A digest of neither kind is refused."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        manifest, kind = await client.push_image("app", "one", "1"), {"Content-Type": OCI_MANIFEST}
        scope = f"repository:app:{ALL}"
        refused = await client.send("PUT", f"/v2/app/manifests/{tag}", scope, data=manifest, headers=kind)

    assert refused.status == 400


async def test_a_build_cache_is_taken(make_registry: MakeRegistry, demo: Emulator) -> None:
    """An index over blobs, as BuildKit pushes it."""
    async with data_plane(f"{(name := make_registry())}.azurecr.io") as client:
        document = json.loads(await client.push_image("app", "one", "1"))
        entries = [
            {**document["layers"][0], "annotations": {"buildkit/createdat": "2024-01-01T00:00:00Z"}},
            {**document["config"], "mediaType": "application/vnd.buildkit.cacheconfig.v0"},
        ]
        cache = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode()
        scope, kind = f"repository:app:{ALL}", {"Content-Type": OCI_INDEX}
        answer = await client.send("PUT", "/v2/app/manifests/cache", scope, data=cache, headers=kind)

    assert answer.status == 201
    assert demo.content(name)["repositories"]["app"]["tags"]["cache"] == digest_of(cache)
