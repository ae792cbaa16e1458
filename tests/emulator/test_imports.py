import json
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.containerregistry import ContainerRegistryManagementClient

from local_azure.launcher import Emulator
from tests.emulator.conftest import DEMO, GROUP, PREVIEW, REGISTRIES, STABLE, MakeRegistry, Send
from tests.emulator.oci import ALL, data_plane, digest_of, image, index, refer

SOURCE = f"{REGISTRIES}/{DEMO}"


@pytest.fixture
def import_image(acr: ContainerRegistryManagementClient) -> Any:
    """Imports, and waits until the operation has ended: `import_image(target, image, source=.., target_tags=[..])`."""

    def run(target: str, image: str, source: dict[str, Any] | None = None, **parameters: Any) -> None:
        where = source or {"resourceId": SOURCE}
        body = {"source": where | {"sourceImage": image}, **parameters}
        acr.registries.begin_import_image(GROUP, target, body).result()

    return run


def failure(error: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str, str]:
    found = error.value
    assert found.error is not None
    return found.status_code, str(found.error.code), str(found.error.message)


def held(emulator: Emulator, registry: str, repository: str) -> dict[str, Any]:
    content: dict[str, Any] = emulator.content(registry)["repositories"][repository]
    return content


def test_import_by_tag_copies_an_index_with_its_children(
    demo: Emulator, import_image: Any, make_registry: MakeRegistry
) -> None:
    """The same digest, every platform and attestation, only the tags asked for; children stay untagged."""
    target = make_registry()
    import_image(target, "base/nginx:latest", targetTags=["base/nginx:latest", "copy/web"])
    source = held(demo, DEMO, "base/nginx")
    digest = source["tags"]["latest"]
    for repository in ("base/nginx", "copy/web"):
        copied = held(demo, target, repository)
        assert copied["tags"] == {"latest": digest}
        assert set(copied["manifests"]) == {digest, *source["manifests"][digest]["children"]}


def test_one_import_by_digest_carries_all_tags_and_untagged_repositories(
    demo: Emulator, import_image: Any, make_registry: MakeRegistry
) -> None:
    """One call per digest is enough."""
    target = make_registry()
    source = held(demo, DEMO, "charts/shop")
    digest = source["tags"]["0.5.0"]
    tags = [f"charts/shop:{tag}" for tag in source["manifests"][digest]["tags"]]
    import_image(target, f"charts/shop@{digest}", targetTags=tags, untaggedTargetRepositories=["archive/charts"])
    assert held(demo, target, "charts/shop")["tags"] == dict.fromkeys(["0.5", "0.5.0", "release-5"], digest)
    assert held(demo, target, "archive/charts")["tags"] == {}
    assert list(held(demo, target, "archive/charts")["manifests"]) == [digest]


def test_untagged_import_leaves_no_tag(demo: Emulator, import_image: Any, make_registry: MakeRegistry) -> None:
    """An artifact without a tag at the source gets none at the target, however often it is imported."""
    target = make_registry()
    [digest] = held(demo, DEMO, "team-b/archive")["manifests"]
    for _ in range(2):
        import_image(target, f"team-b/archive@{digest}", untaggedTargetRepositories=["team-b/archive"])
    assert held(demo, target, "team-b/archive")["tags"] == {}


def test_referrers_and_locks_are_not_carried(demo: Emulator, import_image: Any, make_registry: MakeRegistry) -> None:
    """They must be found and imported, or set, explicitly."""
    target = make_registry()
    import_image(target, "platform/gateway:latest", targetTags=["platform/gateway:latest"])
    import_image(target, "legacy/monolith:v4", targetTags=["legacy/monolith:v4"])
    assert held(demo, target, "platform/gateway")["referrers"] == {}
    assert held(demo, DEMO, "platform/gateway")["referrers"] != {}
    assert held(demo, target, "legacy/monolith")["tagAttributes"] == {}


async def test_imported_image_can_be_pulled(import_image: Any, make_registry: MakeRegistry) -> None:
    """Down to the last blob."""
    target = make_registry()
    import_image(target, "base/python:3.13-slim", targetTags=["python:slim"])
    async with data_plane(f"{target}.azurecr.io") as client:
        manifest = (await client.send("GET", "/v2/python/manifests/slim", "repository:python:pull")).json
        for blob in (manifest["config"], *manifest["layers"]):
            pulled = await client.send("GET", f"/v2/python/blobs/{blob['digest']}", "repository:python:pull")
            assert digest_of(pulled.body) == blob["digest"]


def test_existing_tag_is_a_conflict_inside_the_operation(
    demo: Emulator, import_image: Any, make_registry: MakeRegistry
) -> None:
    """NoForce fails even if the tag points to the same image, before anything is copied; Force does not mind."""
    target = make_registry()
    import_image(target, "charts/shop:0.1.0", targetTags=["shop:one"])
    with pytest.raises(HttpResponseError) as caught:
        import_image(target, "charts/shop:0.2.0", targetTags=["shop:two", "shop:one"])
    status, _, message = failure(caught)
    assert status == 409
    assert f"registries/{target} Tag shop:one already exists in target registry." in message
    assert message.startswith("Operation registries-")
    assert list(held(demo, target, "shop")["tags"]) == ["one"]
    import_image(target, "charts/shop:0.2.0", targetTags=["shop:two", "shop:one"], mode="Force")
    assert len(set(held(demo, target, "shop")["tags"].values())) == 1


def test_existing_tag_can_be_a_conflict_at_the_request(start_emulator: Any, use_emulator: Any, send_to: Any) -> None:
    """The other form in which it was seen, by a switch of the emulator."""
    use_emulator(start_emulator(seed="demo", switches={"no_force_conflict": "sync"}))
    send = send_to()
    body = {"source": {"resourceId": SOURCE, "sourceImage": "charts/shop:0.1.0"}, "targetTags": ["charts/shop:0.2.0"]}
    answer = send("POST", f"{SOURCE}/importImage", STABLE, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "Conflict")
    assert "Tag charts/shop:0.2.0 already exists in target registry." in answer.json()["error"]["message"]


def test_small_imports_can_be_done_at_once(start_emulator: Any, use_emulator: Any, send_to: Any) -> None:
    """200 instead of 202, by a switch of the emulator; a failure then arrives at once as well."""
    emulator = use_emulator(start_emulator(seed="demo", switches={"import_accept": "200"}))
    send = send_to()
    body = {"source": {"resourceId": SOURCE, "sourceImage": "charts/shop:0.1.0"}, "targetTags": ["copied:1"]}
    assert send("POST", f"{SOURCE}/importImage", STABLE, body).status_code == 200
    assert send("POST", f"{SOURCE}/importImage", STABLE, body).status_code == 409
    assert list(held(emulator, DEMO, "copied")["tags"]) == ["1"]


def test_realistic_import_hands_out_a_long_location(start_emulator: Any, use_emulator: Any, send_to: Any) -> None:
    """202, no body, a signed Location of the registry's region of about 4 kB, and a Retry-After of 10 s."""
    use_emulator(start_emulator(seed="demo", profile="realistic", operations="immediate"))
    send = send_to()
    body = {"source": {"resourceId": SOURCE, "sourceImage": "charts/shop:0.1.0"}, "targetTags": ["copied:1"]}
    answer = send("POST", f"{SOURCE}/importImage", STABLE, body)
    assert (answer.status_code, answer.text(), answer.headers["Retry-After"]) == (202, "", "10")
    location = answer.headers["Location"]
    assert "/locations/WESTEUROPE/operationResults/registries-" in location
    assert len(location) > 3000
    path, _, query = location.removeprefix("https://management.azure.com").partition("?api-version=2025-11-01")
    done = send("GET", f"{path}?{query.lstrip('&')}", STABLE)
    assert (done.status_code, done.json()) == (200, {"status": "Succeeded"})


async def test_index_of_too_many_manifests_is_refused(import_image: Any, make_registry: MakeRegistry) -> None:
    """Fifty manifests, the index included, and no more."""
    origin, target = make_registry(), make_registry()
    async with data_plane(f"{origin}.azurecr.io") as client:
        children = [await client.push_image("big", f"child {number}") for number in range(50)]
        await client.push("big", index(*children[:49]), "fits")
        await client.push("big", index(*children), "exceeds")
    source = {"resourceId": f"{REGISTRIES}/{origin}"}
    import_image(target, "big:fits", source, targetTags=["big:fits"])
    with pytest.raises(HttpResponseError) as caught:
        import_image(target, "big:exceeds", source, targetTags=["big:exceeds"])
    assert "maximum number of manifests for an imported image is 50" in failure(caught)[2]


async def test_missing_locked_and_quarantined_images_are_refused(
    import_image: Any, make_registry: MakeRegistry
) -> None:
    """Artifacts that cannot be pulled cannot be imported."""
    origin, target = make_registry(), make_registry()
    source, scope = {"resourceId": f"{REGISTRIES}/{origin}"}, f"repository:app:{ALL}"
    async with data_plane(f"{origin}.azurecr.io") as client:
        for tag in ("locked", "quarantined"):
            await client.push_image("app", tag, tag)
        await client.send("PATCH", "/acr/v1/app/_tags/locked", scope, json={"readEnabled": False})
        state = {"quarantineState": "Quarantined"}
        await client.send("PATCH", "/acr/v1/app/_tags/quarantined", scope, json=state)
    expected = {"missing": "Unable to find manifest digest", "locked": "disallowed", "quarantined": "Unable to find"}
    for tag, words in expected.items():
        with pytest.raises(HttpResponseError) as caught:
            import_image(target, f"app:{tag}", source, targetTags=[f"app:{tag}"])
        assert words in failure(caught)[2]


def test_import_within_a_registry(demo: Emulator, import_image: Any, make_registry: MakeRegistry) -> None:
    """Source and target may be the same."""
    target = make_registry()
    import_image(target, "charts/shop:0.1.0", targetTags=["shop:one"])
    import_image(target, "shop:one", {"resourceId": f"{REGISTRIES}/{target}"}, targetTags=["other:two"])
    assert held(demo, target, "shop")["tags"]["one"] == held(demo, target, "other")["tags"]["two"]


def test_referrer_graph_is_rebuilt_by_digest(demo: Emulator, import_image: Any, make_registry: MakeRegistry) -> None:
    """Subject first, then referrers by digest: the graph at the target is that of the source."""
    target = make_registry()
    source = held(demo, DEMO, "platform/gateway")
    import_image(target, "platform/gateway:latest", targetTags=["platform/gateway:latest"])
    graph = source["referrers"]
    for digest in [digest for digests in graph.values() for digest in digests]:
        import_image(target, f"platform/gateway@{digest}", untaggedTargetRepositories=["platform/gateway"])
    assert held(demo, target, "platform/gateway")["referrers"] == graph
    assert len(graph) == 3


@pytest.mark.parametrize(
    "source",
    [
        {"registryUri": f"{DEMO}.azurecr.io", "credentials": {"username": "unknown", "password": "wrong"}},
        {"registryUri": "docker.io"},
        {"resourceId": SOURCE, "registryUri": f"{DEMO}.azurecr.io"},
        {},
    ],
)
def test_impossible_sources_are_refused(import_image: Any, make_registry: MakeRegistry, source: dict[str, Any]) -> None:
    """Wrong credentials, a host that is not here, both ways at once, none at all."""
    with pytest.raises(HttpResponseError) as caught:
        import_image(make_registry(), "base/nginx:latest", source or {"registryUri": ""}, targetTags=["a:b"])
    assert failure(caught)[1] == "InvalidParameters"


async def test_login_server_with_credentials_is_a_source_too(
    demo: Emulator, import_image: Any, make_registry: MakeRegistry
) -> None:
    """By user and password; not without."""
    origin, target = make_registry(), make_registry()
    async with data_plane(f"{origin}.azurecr.io") as client:
        manifest = await client.push_image("app", "one", "v1")
    open_source = {"registryUri": f"{origin}.azurecr.io"}
    with pytest.raises(HttpResponseError) as caught:
        import_image(target, "app:v1", open_source, targetTags=["app:v1"])
    assert "Unauthorized" in failure(caught)[2]
    credentials = {"username": "33333333-3333-3333-3333-333333333333", "password": "local-azure-secret"}
    import_image(target, "app:v1", open_source | {"credentials": credentials}, targetTags=["app:v1"])
    assert held(demo, target, "app")["tags"] == {"v1": digest_of(manifest)}


async def test_restricted_registries_need_the_bypass(arm: Send, import_image: Any, make_registry: MakeRegistry) -> None:
    """A trusted service gets in by resource id, unless it is told not to; by login server it never does."""
    origin, target = make_registry(), make_registry()
    async with data_plane(f"{origin}.azurecr.io") as client:
        await client.push_image("app", "one", "v1")
    closed = {"publicNetworkAccess": "Disabled"}
    arm("PATCH", f"{REGISTRIES}/{origin}", STABLE, {"properties": closed}).raise_for_status()
    import_image(target, "app:v1", {"resourceId": f"{REGISTRIES}/{origin}"}, targetTags=["app:one"])
    with pytest.raises(HttpResponseError) as caught:
        import_image(target, "app:v1", {"registryUri": f"{origin}.azurecr.io"}, targetTags=["app:two"])
    assert '"code":"DENIED"' in failure(caught)[2]
    closed["networkRuleBypassOptions"] = "None"
    arm("PATCH", f"{REGISTRIES}/{origin}", STABLE, {"properties": closed}).raise_for_status()
    with pytest.raises(HttpResponseError) as caught:
        import_image(target, "app:v1", {"resourceId": f"{REGISTRIES}/{origin}"}, targetTags=["app:two"])
    assert "is not allowed access" in failure(caught)[2]


async def test_export_policy_keeps_images_in(arm: Send, import_image: Any, make_registry: MakeRegistry) -> None:
    """While it is disabled at the source nothing leaves, until it is enabled again."""
    origin, target = make_registry(), make_registry()
    async with data_plane(f"{origin}.azurecr.io") as client:
        await client.push_image("app", "one", "v1")
    source = {"resourceId": f"{REGISTRIES}/{origin}"}
    policy = {"publicNetworkAccess": "Disabled", "policies": {"exportPolicy": {"status": "disabled"}}}
    arm("PATCH", f"{REGISTRIES}/{origin}", STABLE, {"properties": policy}).raise_for_status()
    with pytest.raises(HttpResponseError) as caught:
        import_image(target, "app:v1", source, targetTags=["app:v1"])
    assert "export policy" in failure(caught)[2]
    policy["policies"] = {"exportPolicy": {"status": "enabled"}}
    arm("PATCH", f"{REGISTRIES}/{origin}", STABLE, {"properties": policy}).raise_for_status()
    import_image(target, "app:v1", source, targetTags=["app:v1"])


def test_target_of_a_cache_rule_takes_no_import(arm: Send, import_image: Any, make_registry: MakeRegistry) -> None:
    """The repository belongs to the rule."""
    target = make_registry()
    rule = {"properties": {"sourceRepository": "docker.io/library/nginx", "targetRepository": "base/nginx"}}
    arm("PUT", f"{REGISTRIES}/{target}/cacheRules/nginx", PREVIEW, rule).raise_for_status()
    with pytest.raises(HttpResponseError) as caught:
        import_image(target, "base/nginx:latest", targetTags=["base/nginx:latest"])
    assert failure(caught)[1] == "CacheRuleConflict"


def test_reader_can_neither_import_nor_be_read_from(as_reader: Any, demo: Emulator) -> None:
    """importImage is an action of its own at the target."""
    from tests.emulator.conftest import sender

    body = {"source": {"resourceId": SOURCE, "sourceImage": "charts/shop:0.1.0"}, "targetTags": ["a:b"]}
    answer = sender(as_reader)("POST", f"{SOURCE}/importImage", STABLE, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AuthorizationFailed")


def test_subject_may_come_after_its_referrer(demo: Emulator, import_image: Any, make_registry: MakeRegistry) -> None:
    """A referrer without its subject is a manifest like any other."""
    target = make_registry()
    [digests] = [held(demo, DEMO, "team-a/sandbox/experiments")["referrers"].values()]
    digest = next(iter(digests))[0]
    repository = "team-a/sandbox/experiments"
    import_image(target, f"{repository}@{digest}", untaggedTargetRepositories=[repository])
    assert held(demo, target, repository)["manifests"][digest]["subject"]


def test_manifest_helpers_agree() -> None:
    """The pushes of the tests are what they say."""
    manifest = image(b"{}", b"layer")
    assert json.loads(index(manifest))["manifests"] == [refer(manifest)]
