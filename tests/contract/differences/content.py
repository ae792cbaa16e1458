"""Planted differences of content: tags, manifests, blobs, locks."""

from __future__ import annotations

from tests.contract.differences import GATEWAY, MONOLITH, SANDBOX, planted
from tests.contract.relocated_pair import Relocated


@planted("a tag is deleted", "tag", f"{GATEWAY}:2.1")
async def _(p: Relocated) -> None:
    await p.delete(f"{GATEWAY}/_tags/2.1")


@planted("a tag is moved", "tag", f"{GATEWAY}:latest")
async def _(p: Relocated) -> None:
    await p.tag(GATEWAY, p.digest(GATEWAY, "2.1"), "latest")


@planted("an untagged manifest is deleted", "manifest", SANDBOX)
async def _(p: Relocated) -> None:
    await p.delete(f"{SANDBOX}/_manifests/{p.untagged(SANDBOX)}")


@planted("a platform's image in an index is deleted", "child", GATEWAY)
async def _(p: Relocated) -> None:
    await p.delete(f"{GATEWAY}/_manifests/{p.child(GATEWAY, '2.1')}")


@planted("a referrer is deleted", "referrer", GATEWAY)
async def _(p: Relocated) -> None:
    await p.delete(f"{GATEWAY}/_manifests/{p.referrer(GATEWAY)}")


@planted("a repository is deleted", "repository", SANDBOX)
async def _(p: Relocated) -> None:
    await p.delete(SANDBOX)


@planted("a blob is missing", "blob", MONOLITH, "blobs")
async def _(p: Relocated) -> None:
    p.emulator.lose("contosonorth", MONOLITH, await p.layer(MONOLITH, "v2"))


@planted("a blob is damaged", "blob", MONOLITH, "blobs")
async def _(p: Relocated) -> None:
    p.emulator.damage("contosonorth", MONOLITH, await p.layer(MONOLITH, "v2"))


@planted("an image is pushed to the source under a new tag", "tag", f"{GATEWAY}:9.9", "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).image(GATEWAY, "9.9", text="new")


@planted("a tag is moved at the source", "tag", f"{SANDBOX}:dev", "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).image(SANDBOX, "dev", text="newer")


@planted("a signature is attached at the source", "referrer", GATEWAY, "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).referrer(GATEWAY, p.digest(GATEWAY, "latest"))


@planted("a repository is new at the source", "repository", "team-a/new", "source")
async def _(p: Relocated) -> None:
    await p.push(p.here).image("team-a/new", "v1", text="new")


@planted("a tag is locked", "attributes", f"{GATEWAY}:2.1")
async def _(p: Relocated) -> None:
    await p.lock(GATEWAY, "2.1", write_enabled=False)


@planted("a tag is no longer locked", "attributes", f"{MONOLITH}:v1")
async def _(p: Relocated) -> None:
    await p.lock(MONOLITH, "v1")


@planted("a manifest is no longer locked", "attributes", MONOLITH)
async def _(p: Relocated) -> None:
    await p.lock(MONOLITH, p.digest(MONOLITH, "v0"))


@planted("a manifest cannot be pulled", "attributes", GATEWAY)
async def _(p: Relocated) -> None:
    await p.lock(GATEWAY, p.digest(GATEWAY, "2.1"), read_enabled=False)


@planted("a repository is no longer locked", "attributes", MONOLITH)
async def _(p: Relocated) -> None:
    await p.lock(MONOLITH)


@planted("a repository hides from the catalogue", "repository", SANDBOX)
async def _(p: Relocated) -> None:
    await p.lock(SANDBOX, list_enabled=False)
