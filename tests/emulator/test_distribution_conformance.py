"""Points of the OCI distribution 1.1 conformance suite that are easily got wrong, and what ACR does beside them."""

from local_azure.launcher import Emulator
from tests.emulator.conftest import DEMO, MakeRegistry
from tests.emulator.oci import ALL, OCI_INDEX, data_plane, digest_of

SERVER = f"{DEMO}.azurecr.io"
PUSH = f"repository:chunks:{ALL}"


async def test_referrers_of_an_unknown_repository_are_an_empty_index(demo: Emulator) -> None:
    """A registry that has the API never answers 404 to it."""
    del demo
    async with data_plane(SERVER) as client:
        path = f"/v2/no/such/repository/referrers/{digest_of(b'nothing')}"
        answer = await client.send("GET", path, "repository:no/such/repository:pull")

    assert (answer.status, answer.headers["Content-Type"]) == (200, OCI_INDEX)
    assert answer.json["manifests"] == []


async def test_a_last_chunk_out_of_order_is_refused_as_a_range(make_registry: MakeRegistry) -> None:
    """416, as for any other chunk; the upload can go on where it was."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        begun = await client.send("POST", "/v2/chunks/blobs/uploads/", PUSH)
        first = await client.send("PATCH", begun.headers["Location"], PUSH, data=b"first ")
        end = f"{first.headers['Location']}&digest={digest_of(b'first last')}"

        early = await client.send("PUT", end, PUSH, data=b"last", headers={"Content-Range": "9-12"})
        right = await client.send("PUT", end, PUSH, data=b"last", headers={"Content-Range": "6-9"})

    assert (early.status, early.headers["Range"]) == (416, "0-5")
    assert right.status == 201


async def test_head_of_an_empty_blob_says_its_length(make_registry: MakeRegistry) -> None:
    """Content-Length: 0, not none at all."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        await client.push_blob("chunks", b"")
        answer = await client.send("HEAD", f"/v2/chunks/blobs/{digest_of(b'')}", PUSH)

    assert (answer.status, answer.headers["Content-Length"]) == (200, "0")


async def test_a_capital_letter_in_a_repository_is_no_page(demo: Emulator) -> None:
    """404 in plain text, before anybody is asked who he is."""
    del demo
    async with data_plane(SERVER) as client:
        answer = await client.send("GET", "/v2/Base/Nginx/manifests/latest")

    assert (answer.status, answer.body) == (404, b"404 page not found\n")


async def test_blobs_come_from_storage(demo: Emulator) -> None:
    """A read is redirected with a ticket in the address, and needs no token there."""
    del demo
    async with data_plane(SERVER) as client:
        scope = "repository:base/nginx:pull"
        found = await client.send("GET", "/v2/base/nginx/tags/list", scope)
        tag = found.json["tags"][0]
        accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
        manifest = await client.send("GET", f"/v2/base/nginx/manifests/{tag}", scope, headers=accept)
        entries = manifest.json.get("manifests")
        if entries:
            manifest = await client.send("GET", f"/v2/base/nginx/manifests/{entries[0]['digest']}", scope)
        blob = manifest.json["layers"][0]["digest"]
        path = f"/v2/base/nginx/blobs/{blob}"
        redirect = await client.send("GET", path, scope, allow_redirects=False)
        there = await client.send("GET", redirect.headers["Location"])

    assert redirect.status == 307
    assert (
        ".blob.core.windows.net/" in redirect.headers["Location"] or ".data.azurecr.io" in redirect.headers["Location"]
    )
    assert digest_of(there.body) == blob
