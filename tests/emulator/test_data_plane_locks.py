"""Lock attributes, and what the data plane does when it is asked too much or made to fail."""

from collections.abc import Callable
from typing import Any

import pytest

from local_azure.launcher import Emulator
from tests.emulator.conftest import DEMO, MakeRegistry
from tests.emulator.oci import ALL, DataPlane, data_plane, digest_of

SCOPE = f"repository:app:{ALL}"
CATALOGUE = "registry:catalog:*"
DISALLOWED = (405, "REGISTRY_DISALLOWED_OPERATION")


async def lock(client: DataPlane, what: str, **attributes: bool) -> None:
    answer = await client.send("PATCH", f"/acr/v1/app{what}", SCOPE, json=attributes)
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("holder", ["", "/_tags/v1"])
async def test_write_lock_stops_push_and_delete(make_registry: MakeRegistry, holder: str) -> None:
    """On the repository or on the tag; a locked manifest cannot be deleted by another tag's way either."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        manifest = await client.push_image("app", "one", "v1")
        await lock(client, holder, writeEnabled=False)
        assert (await client.push("app", manifest, "v1")).error == DISALLOWED
        assert (await client.send("DELETE", "/acr/v1/app/_tags/v1", SCOPE)).error == DISALLOWED
        deleted = await client.send("DELETE", f"/v2/app/manifests/{digest_of(manifest)}", SCOPE)
        assert deleted.error == DISALLOWED
        assert (await client.send("DELETE", "/acr/v1/app", SCOPE)).error == DISALLOWED
        await lock(client, holder, writeEnabled=True)
        assert (await client.send("DELETE", "/acr/v1/app/_tags/v1", SCOPE)).status == 202


@pytest.mark.parametrize("holder", ["", "/_tags/v1", "/_manifests/{digest}"])
async def test_read_lock_stops_pulls(make_registry: MakeRegistry, holder: str) -> None:
    """Of whatever is locked; metadata can still be read."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        manifest = await client.push_image("app", "one", "v1")
        where = holder.format(digest=digest_of(manifest))
        await lock(client, where, readEnabled=False)
        assert (await client.send("GET", "/v2/app/manifests/v1", SCOPE)).error == DISALLOWED
        shown = (await client.send("GET", f"/acr/v1/app{where}", SCOPE)).body
        assert b'"readEnabled":false' in shown


async def test_list_lock_hides_from_listings(make_registry: MakeRegistry) -> None:
    """Tag, manifest or repository: not listed, still there."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        manifest = await client.push_image("app", "one", "v1")
        await client.push_image("app", "two", "v2")
        await lock(client, "/_tags/v1", listEnabled=False)
        await lock(client, f"/_manifests/{digest_of(manifest)}", listEnabled=False)
        assert (await client.send("GET", "/v2/app/tags/list", SCOPE)).json["tags"] == ["v2"]
        assert len((await client.send("GET", "/acr/v1/app/_manifests", SCOPE)).json["manifests"]) == 1
        assert (await client.send("GET", "/acr/v1/app", SCOPE)).json["tagCount"] == 2
        assert (await client.send("GET", "/v2/app/manifests/v1", SCOPE)).status == 200
        await lock(client, "", listEnabled=False)
        assert (await client.send("GET", "/acr/v1/_catalog", CATALOGUE)).json["repositories"] == []


async def test_quarantined_manifest_is_invisible(make_registry: MakeRegistry) -> None:
    """It looks as if it were not there."""
    async with data_plane(f"{make_registry()}.azurecr.io") as client:
        manifest = await client.push_image("app", "one", "v1")
        state = {"quarantineState": "Quarantined"}
        await client.send("PATCH", f"/acr/v1/app/_manifests/{digest_of(manifest)}", SCOPE, json=state)
        assert (await client.send("GET", "/v2/app/manifests/v1", SCOPE)).error == (404, "MANIFEST_UNKNOWN")


async def test_referrers_are_throttled_per_minute(
    start_emulator: Callable[..., Emulator], use_emulator: Callable[[Emulator], Emulator]
) -> None:
    """A small registry answers 250 in a minute for one identity; then 429 with a Retry-After that counts down."""
    use_emulator(start_emulator(seed="empty-standard", profile="realistic"))
    async with data_plane(f"{DEMO}.azurecr.io") as client:
        manifest = await client.push_image("app", "one", "v1")
        path = f"/v2/app/referrers/{digest_of(manifest)}"
        answers = [await client.send("GET", path, SCOPE) for _ in range(251)]
    assert [answer.status for answer in answers] == [200] * 250 + [429]
    assert answers[-1].error == (429, "TOOMANYREQUESTS")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


async def test_throttling_faults_bite_as_often_as_they_are_armed(demo: Emulator) -> None:
    """Referrers and token endpoints answer 429, then work again."""
    demo.arm_fault("throttle-referrers", times=1)
    demo.arm_fault("throttle-oauth", times=1)
    nginx = "repository:base/nginx:pull"
    async with data_plane(f"{DEMO}.azurecr.io") as client:
        assert (await client.token_answer(nginx)).error == (429, "TOOMANYREQUESTS")
        pulled = await client.send("HEAD", "/v2/base/nginx/manifests/latest", nginx)
        path = f"/v2/base/nginx/referrers/{pulled.headers['Docker-Content-Digest']}"
        answers = [await client.send("GET", path, nginx) for _ in range(2)]
    assert [answer.status for answer in answers] == [429, 200]
    assert answers[0].headers["Retry-After"] == "1"


async def test_truncated_page_ends_early_and_says_nothing(demo: Emulator) -> None:
    """The last entries and the Link are missing: only a cross-check with other counts can tell."""
    demo.arm_fault("truncate-catalogue", listing="catalogue")
    async with data_plane(f"{DEMO}.azurecr.io") as client:
        short: list[list[Any]] = await client.pages("/acr/v1/_catalog?n=10", "repositories", CATALOGUE)
        whole: list[list[Any]] = await client.pages("/acr/v1/_catalog?n=10", "repositories", CATALOGUE)
    assert [len(page) for page in short] == [7]
    assert [len(page) for page in whole] == [10, 6]
