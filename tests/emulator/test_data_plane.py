import json
from typing import Any

import pytest

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.emulator.conftest import DEMO, REGISTRIES, STABLE, MakeRegistry, Send
from tests.emulator.oci import ALL, OCI_INDEX, READER, data_plane, digest_of, image, index, refer

CATALOGUE = "registry:catalog:*"
ENTRA = f"https://login.microsoftonline.com/{settings.TENANT_ID}/oauth2/v2.0/token"
DEMO_SERVER = f"{DEMO}.azurecr.io"


def listing(answer: Any, key: str) -> list[str]:
    return [one["name"] if isinstance(one, dict) else one for one in answer.json[key]]


async def test_challenge_says_where_to_get_which_token(demo: Emulator) -> None:
    """Without a token: 401 with realm, service and scope."""
    async with data_plane(DEMO_SERVER) as client:
        answer = await client.send("GET", "/v2/base/nginx/manifests/latest")
    assert answer.error == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="https://{DEMO_SERVER}/oauth2/token",service="{DEMO_SERVER}",scope="repository:base/nginx:pull"'
    )


async def test_entra_token_is_exchanged_and_narrowed(demo: Emulator) -> None:
    """Entra token, refresh token, access token: each step by form, as az and the SDK do it."""
    async with data_plane(DEMO_SERVER) as client:
        secret = {"grant_type": "client_credentials", "scope": "https://containerregistry.azure.net/.default"}
        identity = {"client_id": settings.OWNER_CLIENT_ID, "client_secret": settings.OWNER_SECRET}
        entra = (await client.send("POST", ENTRA, data=secret | identity)).json["access_token"]
        form = {"grant_type": "access_token", "service": DEMO_SERVER, "access_token": entra}
        refresh = (await client.send("POST", "/oauth2/exchange", data=form)).json["refresh_token"]
        form = {"grant_type": "refresh_token", "service": DEMO_SERVER, "scope": CATALOGUE, "refresh_token": refresh}
        token = (await client.send("POST", "/oauth2/token", data=form)).json["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await client.send("GET", "/acr/v1/_catalog", headers=bearer)).status == 200
        refused = await client.send("GET", "/acr/v1/base/nginx/_tags", headers=bearer)
        assert refused.error == (401, "UNAUTHORIZED")
        assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
        wrong = await client.send("GET", "/v2/", headers={"Authorization": "Bearer nonsense"})
        assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]


async def test_role_decides_what_a_token_allows(demo: Emulator) -> None:
    """A reader pulls and lists; push and delete are not for him."""
    async with data_plane(DEMO_SERVER, READER) as client:
        assert (await client.token_answer("repository:base/nginx:pull,push")).status == 200
        pulled = await client.send("GET", "/v2/base/nginx/manifests/latest", "repository:base/nginx:pull")
        assert pulled.status == 200
        assert (await client.token_answer("repository:base/nginx:push")).error == (401, "UNAUTHORIZED")
        assert (await client.token_answer("repository:base/nginx:delete")).error == (401, "UNAUTHORIZED")


async def test_anonymous_pull_must_be_switched_on(make_registry: MakeRegistry) -> None:
    """It allows pulling, not listing the catalogue or pushing."""
    closed, opened = make_registry(), make_registry(anonymousPullEnabled=True)
    async with data_plane(f"{opened}.azurecr.io") as owner:
        await owner.push_image("app", "one", "v1")
    async with data_plane(f"{opened}.azurecr.io", None) as anonymous:
        assert (await anonymous.send("GET", "/v2/app/manifests/v1", "repository:app:pull")).status == 200
        refused = await anonymous.send("POST", "/v2/app/blobs/uploads/", "repository:app:pull,push")
        assert refused.error == (401, "UNAUTHORIZED")
        assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    async with data_plane(f"{closed}.azurecr.io", None) as anonymous:
        assert (await anonymous.token_answer("repository:app:pull")).status == 401


async def test_pushed_image_comes_back_byte_for_byte(make_registry: MakeRegistry) -> None:
    """Manifest and blobs, whole and in ranges."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        manifest = await client.push_image("team/app", "one", "v1", "latest")
        pull = "repository:team/app:pull"
        by_tag = await client.send("GET", "/v2/team/app/manifests/v1", pull)
        by_digest = await client.send("HEAD", f"/v2/team/app/manifests/{digest_of(manifest)}", pull)
        assert by_tag.body == manifest
        assert by_tag.headers["Docker-Content-Digest"] == digest_of(manifest)
        assert by_digest.headers["Content-Length"] == str(len(manifest))
        assert by_digest.headers["Content-Type"] == json.loads(manifest)["mediaType"]
        blob = f"/v2/team/app/blobs/{digest_of(b'layer')}"
        assert (await client.send("GET", blob, pull)).body == b"layer"
        part = await client.send("GET", blob, pull, headers={"Range": "bytes=1-3"})
        assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"aye", "bytes 1-3/5")
        beyond = await client.send("GET", blob, pull, headers={"Range": "bytes=9-"})
        assert beyond.error == (416, "RANGE_INVALID")


async def test_blob_arrives_in_chunks_or_by_mount(make_registry: MakeRegistry) -> None:
    """Chunks must follow each other; the digest must be right; a mount needs no bytes."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        scope = f"repository:app:{ALL}"
        started = await client.send("POST", "/v2/app/blobs/uploads/", scope)
        location = started.headers["Location"]
        first = await client.send("PATCH", location, scope, data=b"hello ", headers={"Content-Range": "0-5"})
        assert (first.status, first.headers["Range"]) == (202, "0-5")
        gap = await client.send("PATCH", location, scope, data=b"x", headers={"Content-Range": "9-9"})
        assert gap.error == (416, "RANGE_INVALID")
        wrong = await client.send("PUT", f"{location}&digest={digest_of(b'other')}", scope, data=b"world")
        assert wrong.error == (400, "DIGEST_INVALID")
        digest = digest_of(b"hello world")
        assert (await client.send("PUT", f"{location}&digest={digest}", scope, data=b"world")).status == 201
        both = "repository:copy:pull,push repository:app:pull"
        mounted = await client.send("POST", f"/v2/copy/blobs/uploads/?mount={digest}&from=app", both)
        assert mounted.status == 201
        blind = await client.send(
            "POST", f"/v2/third/blobs/uploads/?mount={digest}&from=app", "repository:third:pull,push"
        )
        assert blind.status == 202


async def test_manifest_must_not_refer_to_what_is_missing(make_registry: MakeRegistry) -> None:
    """Neither an image to unknown blobs nor an index to unknown manifests; nonsense is no manifest."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        orphan = image(b"{}", b"nowhere")
        assert (await client.push("app", orphan, "v1")).error == (400, "MANIFEST_BLOB_UNKNOWN")
        assert (await client.push("app", index(orphan), "v1")).error == (404, "MANIFEST_UNKNOWN")
        scope, kind = f"repository:app:{ALL}", {"Content-Type": OCI_INDEX}
        bad = await client.send("PUT", "/v2/app/manifests/v1", scope, data=b"{", headers=kind)
        assert bad.error == (400, "MANIFEST_INVALID")
        missing = await client.send("GET", "/v2/app/manifests/v9", "repository:app:pull")
        assert missing.status == 404


@pytest.mark.parametrize("path", ["/v2/_catalog", "/acr/v1/_catalog"])
async def test_catalogue_comes_in_pages(demo: Emulator, path: str) -> None:
    """Following the Links gives every repository once, in order; `last` needs not exist."""
    async with data_plane(DEMO_SERVER) as client:
        pages = await client.pages(f"{path}?n=5", "repositories", CATALOGUE)
        [whole] = await client.pages(f"{path}?n=1000", "repositories", CATALOGUE)
        after = await client.send("GET", f"{path}?last=charts/a", CATALOGUE)
    assert [len(page) for page in pages] == [5, 5, 5, 1]
    assert [name for page in pages for name in page] == whole == sorted(demo.content(DEMO)["repositories"])
    assert listing(after, "repositories")[0] == "charts/shop"


async def test_tags_come_in_pages(demo: Emulator) -> None:
    """Of /v2 and /acr/v1, of nested names too, also percent-encoded ones."""
    expected = sorted(demo.content(DEMO)["repositories"]["contoso/shop/frontend"]["tags"])
    scope = "repository:contoso/shop/frontend:pull,metadata_read"
    async with data_plane(DEMO_SERVER) as client:
        plain = await client.pages("/v2/contoso/shop/frontend/tags/list?n=7", "tags", scope)
        rich = await client.pages("/acr/v1/contoso/shop/frontend/_tags?n=7", "tags", scope)
        encoded = await client.send("GET", "/acr/v1/contoso%2Fshop%2Ffrontend/_tags?n=1000", scope)
    assert [tag for page in plain for tag in page] == expected
    assert [tag["name"] for page in rich for tag in page] == expected
    assert listing(encoded, "tags") == expected


async def test_tags_can_be_ordered_and_filtered(demo: Emulator) -> None:
    """By time, and by the manifest that they point to."""
    scope, path = "repository:charts/shop:metadata_read", "/acr/v1/charts/shop/_tags"
    async with data_plane(DEMO_SERVER) as client:
        oldest = await client.pages(f"{path}?orderby=timeasc&n=4", "tags", scope)
        newest = await client.pages(f"{path}?orderby=timedesc&n=4", "tags", scope)
        tags = [tag for page in oldest for tag in page]
        same = await client.send("GET", f"{path}?digest={tags[0]['digest']}", scope)
    assert [tag["name"] for tag in tags] == [tag["name"] for page in newest for tag in page][::-1]
    assert listing(same, "tags") == ["0.0", "0.0.0", "release-0"]
    assert tags[0]["changeableAttributes"] == {
        "deleteEnabled": True,
        "writeEnabled": True,
        "listEnabled": True,
        "readEnabled": True,
    }


async def test_manifest_listing_has_the_untagged_ones(demo: Emulator) -> None:
    """With size, platform and media types; the counts of the repository agree."""
    path, scope = "/acr/v1/team-a/sandbox/experiments", "repository:team-a/sandbox/experiments:metadata_read"
    async with data_plane(DEMO_SERVER) as client:
        pages = await client.pages(f"{path}/_manifests?n=4", "manifests", scope)
        repository = (await client.send("GET", path, scope)).json
    manifests = [manifest for page in pages for manifest in page]
    untagged = [manifest for manifest in manifests if "tags" not in manifest]
    assert (len(manifests), len(untagged)) == (10, 9)
    assert (repository["manifestCount"], repository["tagCount"]) == (10, 3)
    [tagged] = [manifest for manifest in manifests if "tags" in manifest]
    assert (tagged["architecture"], tagged["os"], tagged["tags"]) == ("amd64", "linux", ["dev", "try", "wip"])
    assert tagged["imageSize"] > 0
    assert tagged["configMediaType"] == "application/vnd.oci.image.config.v1+json"


async def test_referrers_are_found_from_their_subject(make_registry: MakeRegistry) -> None:
    """Pushed by digest, announced with OCI-Subject, listed, filtered, and gone with their subject."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        subject = await client.push_image("app", "one", "v1")
        pull, path = "repository:app:pull", f"/v2/app/referrers/{digest_of(subject)}"
        empty = await client.send("GET", path, pull)
        assert (empty.status, empty.json["manifests"]) == (200, [])
        for kind in ("application/spdx+json", "application/vnd.cncf.notary.signature"):
            manifest = image(b"{}", artifactType=kind, subject=refer(subject), annotations={"kind": kind})
            await client.push_blob("app", b"{}")
            pushed = await client.push("app", manifest)
            assert pushed.headers["OCI-Subject"] == digest_of(subject)
        assert len((await client.send("GET", path, pull)).json["manifests"]) == 2
        filtered = await client.send("GET", f"{path}?artifactType=application/spdx%2Bjson", pull)
        assert filtered.headers["OCI-Filters-Applied"] == "artifactType"
        assert [one["annotations"]["kind"] for one in filtered.json["manifests"]] == ["application/spdx+json"]
        gone = await client.send("DELETE", f"/v2/app/manifests/{digest_of(subject)}", f"repository:app:{ALL}")
        assert gone.status == 202
        assert (await client.send("GET", "/acr/v1/_catalog", CATALOGUE)).json["repositories"] == []


async def test_deleting_a_tag_leaves_the_manifest(make_registry: MakeRegistry, demo: Emulator) -> None:
    """Untagged, it can still be pulled by digest."""
    name = make_registry()
    async with data_plane(f"{name}.azurecr.io") as client:
        manifest = await client.push_image("app", "one", "v1", "v2")
        scope = f"repository:app:{ALL}"
        assert (await client.send("DELETE", "/acr/v1/app/_tags/v1", scope)).status == 202
        assert (await client.send("DELETE", "/v2/app/manifests/v2", scope)).status == 202
        assert (await client.send("GET", f"/v2/app/manifests/{digest_of(manifest)}", scope)).status == 200
        assert demo.content(name)["repositories"]["app"]["tags"] == {}
        assert (await client.send("DELETE", "/acr/v1/app", scope)).json["manifestsDeleted"] == [digest_of(manifest)]
        assert (await client.send("GET", "/acr/v1/app", scope)).error == (404, "NAME_UNKNOWN")


async def test_network_rules_shut_the_door(arm: Send, make_registry: MakeRegistry) -> None:
    """A client outside the rules, or any while public access is off: 403 DENIED before anything else."""
    name = make_registry(networkRuleSet={"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.7"}]})
    async with data_plane(f"{name}.azurecr.io") as client:
        denied = await client.send("GET", "/v2/")
        assert denied.error == (403, "DENIED")
        assert denied.json["errors"][0]["message"].startswith("client with IP '203.0.113.10' is not allowed access")
        assert (await client.token_answer(CATALOGUE)).error == (403, "DENIED")
        rules = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]}
        for change, status in (({"networkRuleSet": rules}, 401), ({"publicNetworkAccess": "Disabled"}, 403)):
            arm("PATCH", f"{REGISTRIES}/{name}", STABLE, {"properties": change}).raise_for_status()
            assert (await client.send("GET", "/v2/")).status == status
