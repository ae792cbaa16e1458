"""Content."""

from __future__ import annotations

import json

from acr_relocate.azure.changes import restore_records
from acr_relocate.core.content.source_freeze import FrozenRepository, SourceFreeze
from acr_relocate.core.removal import Detached
from acr_relocate.core.removal.taken_facts import TakenLock
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, plan_id
from tests.contract.faults.planted import fault
from tests.contract.faults.scenes import attributes
from tests.contract.planting import SOURCE_ID, Planting
from tests.contract.registry_factory import EMPTY, OCI_CONFIG, OCI_MANIFEST


async def lose(p: Planting, path: str) -> None:
    """Remove the content at that path of the source."""
    token = await p.plane._tokens.access("repository:app:delete")
    headers = {"Authorization": f"Bearer {token}"}
    reply = await p.plane._wire.send("DELETE", f"/acr/v1/{path}", kind="writes", doing="Losing", headers=headers)
    assert reply.status == 202


@fault("listing_incomplete")
async def _(p: Planting) -> None:
    for text in ("a", "b", "c", "d", "e"):
        await p.push.image("app", text, text=text)
    p.emulator.arm_fault("truncate-catalogue", listing="tags", times="always")


@fault("count_drifts")
async def _(p: Planting) -> None:
    digest = await p.push.image("app", text="hidden")
    await attributes(p, f"app/_manifests/{digest}", listEnabled=False)


@fault("tag_without_manifest")
async def _(p: Planting) -> None:
    digest = await p.push.image("app", "lost", text="lost")
    p.emulator.arm_fault("tags-outlive-manifest", repository="app")
    await lose(p, f"app/_manifests/{digest}")


@fault("build_cache_left_out")
async def _(p: Planting) -> None:
    layer, config = await p.push._blob("app", b"cached layer"), await p.push._blob("app", b"{}")
    kinds = ("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.buildkit.cacheconfig.v0")
    entries = [{"mediaType": kind, **blob} for kind, blob in zip(kinds, (layer, config), strict=True)]
    body = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
    await p.push.manifest("app", body, "buildcache")


@fault("repository_hidden")
async def _(p: Planting) -> None:
    await p.push.image("secret/app", "v1")
    await p.child("scopeMaps/readers", actions=["repositories/secret/app/content/read"])
    await attributes(p, "secret/app", listEnabled=False)


@fault("source_is_frozen")
async def _(p: Planting) -> None:
    await p.push.image("app", text="frozen")
    freeze = SourceFreeze(
        registry_id=SOURCE_ID.lower(),
        login_server=p.plane.login_server,
        before=(FrozenRepository(repository="app"),),
    )
    await restore_records.save_restore_record(p.azure, (SOURCE_ID.partition("/providers/")[0],), freeze)
    await attributes(p, "app", writeEnabled=False, deleteEnabled=False)


@fault("target_is_frozen")
async def _(p: Planting) -> None:
    frozen = (FrozenRepository(repository="app"),)
    freeze = SourceFreeze(registry_id=p.request.target_id.lower(), login_server="x.azurecr.io", before=frozen)
    await restore_records.save_restore_record(p.azure, (SOURCE_ID.partition("/providers/")[0],), freeze)


@fault("deletion_not_undone")
async def _(p: Planting) -> None:
    taken = Detached(registry_id=SOURCE_ID.lower(), locks=(TakenLock(name="keep", level="CanNotDelete"),))
    await restore_records.save_restore_record(p.azure, (SOURCE_ID.partition("/providers/")[0],), taken)


@fault("source_looks_frozen")
async def _(p: Planting) -> None:
    for name in ("tool", "base"):
        await p.push.image(name, text=name)
    for name in await p.plane.repositories():
        await attributes(p, name, writeEnabled=False, deleteEnabled=False)


@fault("selection_matches_nothing")
async def _(p: Planting) -> None:
    p.fields["selection"] = {"repositories": ["*", "team-b/app"]}


@fault("selection_is_empty", "selection_matches_nothing")
async def _(p: Planting) -> None:
    await p.push.image("app", "v1")
    p.fields["selection"] = {"tags": ["v1.*"], "untagged": False}


@fault("repositories_collide")
async def _(p: Planting) -> None:
    await p.push.image("legacy/app", "v1")
    p.fields["rename"] = {"legacy/**": "**"}


@fault("rename_matches_nothing")
async def _(p: Planting) -> None:
    p.fields["rename"] = {"legacy/**": "archive/**"}


@fault("pulls_unknown")
async def _(p: Planting) -> None:
    p.fields["selection"] = {"pulled_since": "30"}


@fault("defender_writes")
async def _(p: Planting) -> None:
    scanned = await p.push.image("app", "v1")
    notes = {"scanner": "MDVM", "report-type": "SoftwareInventoryAssessment"}
    await p.push.referrer("app", scanned, kind="application/vnd.in-toto+json", annotations=notes)


@fault("artifact_streaming")
async def _(p: Planting) -> None:
    streamed = await p.push.image("app", "v1")
    await p.push.referrer("app", streamed, kind="application/vnd.azure.artifact.streaming.v1")


@fault("index_beyond_import_limit")
async def _(p: Planting) -> None:
    children = [await p.push.image("app", text=f"platform {number}") for number in range(51)]
    await p.push.index("app", children, "huge")


@fault("index_misses_manifests")
async def _(p: Planting) -> None:
    children = [await p.push.image("app", text=text) for text in ("kept", "lost")]
    await p.push.index("app", children, "half")
    await lose(p, f"app/_manifests/{children[1]}")


@fault("foreign_layers")
async def _(p: Planting) -> None:
    config = await p.push._blob("app", json.dumps({"architecture": "amd64", "os": "windows"}).encode())
    layer = await p.push._blob("app", b"windows")
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    layers = [{"mediaType": foreign, "urls": ["https://mcr.microsoft.com/layer"], **layer}]
    body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": OCI_CONFIG, **config}}
    await p.push.manifest("app", body | {"layers": layers}, "ltsc")


@fault("quarantined")
async def _(p: Planting) -> None:
    digest = await p.push.image("app", "new", text="unchecked")
    await attributes(p, f"app/_manifests/{digest}", quarantineState="Quarantined")


@fault("read_locked")
async def _(p: Planting) -> None:
    await attributes(p, "app/_tags/v1", readEnabled=False)


@fault("tag_conflict")
async def _(p: Planting) -> None:
    tags = {PLAN_TAG: plan_id(p.request), SOURCE_TAG: SOURCE_ID}
    await p.put(p.request.target_id, "2025-11-01", location="northeurope", sku={"name": "Premium"}, tags=tags)
    await type(p.push)(p.azure.data_plane("contosoregistryne.azurecr.io")).image("app", "v1", text="another")


@fault("large_image")
async def _(p: Planting) -> None:
    config = await p.push._blob("app", b"{}")
    layer = await p.push._blob("app", b"large") | {"size": 60 * 2**30}
    body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": OCI_CONFIG, **config}}
    await p.push.manifest("app", body | {"layers": [{"mediaType": EMPTY, **layer}]}, "large")


@fault("referrer_without_subject")
async def _(p: Planting) -> None:
    await p.push.referrer("app", f"sha256:{'0' * 64}")
