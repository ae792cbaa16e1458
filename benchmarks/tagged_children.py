"""Two ways to give an index's children their tags at the target: an import by digest, or a PUT of the manifest.

The .NET images have a tag for each platform beside the index. The children arrive with their index; what they lack
is a name. An import by digest is one more write of Azure Resource Manager; a PUT of the manifest under its tag is a
read and a write of the data plane, which has other and larger budgets, but needs the right to push.

Both are measured against the realistic profile: the PUTs at the source, where they also make the tags that the
import then brings. docs/decisions/0004-tags-of-an-indexs-children-are-imported.md has what follows from it.

    python -m benchmarks.tagged_children [--images 200]    2 minutes
"""

import argparse
import asyncio
import json
import os
import ssl
import sys
import time
from typing import Any

import aiohttp

from benchmarks.models import token
from benchmarks.stage import SOURCE, Run, Stage, bound, stage, synthetic

PLATFORMS = 3
AT_ONCE = 50
HOST = f"https://{SOURCE}.azurecr.io"


def main() -> int:
    """Measure both and print the figures; 0 if both did what they should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200, help="indexes, each of three platforms with a tag each")
    options = parser.parse_args()
    with stage(synthetic(options.images, architectures=PLATFORMS)) as place:
        os.environ.update(place.azure.env)
        put = measure_puts(place)
        imported = measure_imports(place)
    indexes_alone = bound(options.images)
    figures = {
        "indexes": options.images,
        "tagged_children": options.images * PLATFORMS,
        "by_import": imported,
        "by_put": put | {"arm_writes": options.images, "seconds_with_the_indexes": indexes_alone + put["seconds"]},
    }
    print(json.dumps(figures, indent=2))
    return 0 if imported["same_content"] else 1


def measure_puts(place: Stage) -> dict[str, float]:
    """Every child has a tag of its own at the source."""
    children = [
        (name, child, f"platform-{number}")
        for name, repository in place.azure.content(SOURCE)["repositories"].items()
        for number, child in enumerate(
            child for manifest in repository["manifests"].values() for child in manifest.get("children", ())
        )
    ]
    place.azure.reset_stats()
    began = time.monotonic()
    asyncio.run(tag_all(children))
    stats = place.azure.stats()
    return {
        "seconds": round(time.monotonic() - began, 1),
        "registry_calls": stats["planes"]["registry"],
        "throttled": stats["throttled"],
    }


def measure_imports(place: Stage) -> dict[str, Any]:
    """`acr-relocate sync` of all that, by one import for each digest that has tags."""
    request = place.target("childrentarget")
    place.azure.reset_stats()
    Run(["sync", str(request)], place.environment).wait()
    stats = place.azure.stats()
    return {
        "seconds": round(stats["import_seconds"], 1),
        "arm_writes": stats["arm_writes"],
        "throttled": stats["throttled"],
        "same_content": place.same("childrentarget"),
    }


async def tag_all(children: list[tuple[str, str, str]]) -> None:
    """Each manifest is read by its digest and put under its tag, so many at once."""
    slots = asyncio.Semaphore(AT_ONCE)
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
    async with aiohttp.ClientSession(connector=connector, trust_env=True) as session:
        form = {"grant_type": "access_token", "service": f"{SOURCE}.azurecr.io"}
        form["access_token"] = await token(session, "https://containerregistry.azure.net/.default")
        async with session.post(f"{HOST}/oauth2/exchange", data=form) as answer:
            refresh = (await answer.json())["refresh_token"]
        names = {name for name, _, _ in children}
        bearers = {name: await bearer(session, refresh, f"repository:{name}:pull,push") for name in names}

        async def tag(name: str, digest: str, reference: str) -> None:
            async with slots:
                url, headers = f"{HOST}/v2/{name}/manifests", {"Authorization": f"Bearer {bearers[name]}"}
                body, kind = await call(session, "GET", f"{url}/{digest}", headers | {"Accept": "*/*"})
                await call(session, "PUT", f"{url}/{reference}", headers | {"Content-Type": kind}, body)

        await asyncio.gather(*(tag(*child) for child in children))


async def bearer(session: aiohttp.ClientSession, refresh: str, scope: str) -> str:
    """A token of the registry."""
    form = {"grant_type": "refresh_token", "service": f"{SOURCE}.azurecr.io", "scope": scope, "refresh_token": refresh}
    async with session.post(f"{HOST}/oauth2/token", data=form) as answer:
        return str((await answer.json())["access_token"])


async def call(
    session: aiohttp.ClientSession, method: str, url: str, headers: dict[str, str], data: bytes | None = None
) -> tuple[bytes, str]:
    """Body and media type of an answer, asked for again after what a 429 says."""
    while True:
        async with session.request(method, url, headers=headers, data=data) as answer:
            body = await answer.read()
        if answer.status != 429:
            answer.raise_for_status()
            return body, answer.headers.get("Content-Type", "")
        await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))


if __name__ == "__main__":
    sys.exit(main())
