"""Models of how others copy a registry by importImage: the calls that they make, without what surrounds them.

`loop`: the article's script. One import for each tag, one at a time, each followed to its end as `az acr import` does;
what the start of az costs each time (a second or two) is left out.

`unbounded`: dotnet/docker-tools (AcrImageImporter, CopyAcrImagesCommand). One import for each digest with all its tags,
all of them started at once; the SDK repeats a 429 three times as Retry-After says, and around the whole import there
are five tries, each after 5 s in the median with decorrelated jitter.

`fifty`: Azure/acr, samples/dotnetcore/registry-artifact-transfer. One import for each tag, 50 at a time
(`MaxConcurrency`), 300 s each (`TransferTimeoutInSeconds`), one try, the SDK's three repeats of a 429.

All look at an operation at once after its start, as the SDKs do, and then as often as Azure's Retry-After says.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

import aiohttp

from benchmarks.stage import GROUP, SOURCE, SOURCE_GROUP

ARM = "https://management.azure.com"
VERSION = "api-version=2025-11-01"
SDK_TRIES, TOOL_TRIES, MEDIAN_DELAY = 4, 6, 5.0
MODELS = {"loop": 1, "fifty": 50, "unbounded": 0}
"""How many imports each has under way at once; 0: all."""


class Failed(Exception):
    """An import that its tool has given up, or tries once more."""


async def main(name: str, target: str, seconds: float) -> dict[str, object]:
    """The tool has run for so long, or to its end."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, trust_env=True, timeout=timeout) as session:
        registry = Registry(session, await token(session, f"{ARM}/.default"), target)
        jobs = list(imports(await content(session), by_digest=name == "unbounded"))
        began = time.monotonic()
        work = [asyncio.create_task(each) for each in coroutines(registry, jobs, name)]
        done, pending = await asyncio.wait(work, timeout=seconds)
        took = time.monotonic() - began
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    failed = sum(1 for task in done if task.exception())
    return {"model": name, "seconds": round(took, 1), "planned": len(jobs), "ended": len(done), "failed": failed}


def coroutines(registry: "Registry", jobs: list[dict[str, Any]], name: str) -> Iterator[Any]:
    """The imports as the tool starts them."""
    if not MODELS[name]:
        yield from (registry.tried_again(job) for job in jobs)
        return
    slots = asyncio.Semaphore(MODELS[name])

    async def in_turn(job: dict[str, Any]) -> None:
        async with slots, asyncio.timeout(300):
            await registry.bring(job)

    yield from (in_turn(job) for job in jobs)


class Registry:
    """The target, for somebody who follows Azure's answers but keeps no budget."""

    def __init__(self, session: aiohttp.ClientSession, bearer: str, name: str) -> None:
        scope = f"{ARM}/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}/resourceGroups"
        provider = "providers/Microsoft.ContainerRegistry/registries"
        self._url = f"{scope}/{GROUP}/{provider}/{name}/importImage?{VERSION}"
        self._source = f"{scope}/{SOURCE_GROUP}/{provider}/{SOURCE}".removeprefix(ARM)
        self._session, self._headers = session, {"Authorization": f"Bearer {bearer}"}

    async def tried_again(self, job: dict[str, Any]) -> None:
        """Five tries more around the whole import."""
        delay = MEDIAN_DELAY
        for tries in range(1, TOOL_TRIES + 1):
            try:
                await self.bring(job)
            except Failed:
                if tries == TOOL_TRIES:
                    raise
            else:
                return
            delay = random.uniform(MEDIAN_DELAY / 2, delay * 3)
            await asyncio.sleep(delay)

    async def bring(self, job: dict[str, Any]) -> None:
        """One import, followed to its end."""
        body = {"source": {"resourceId": self._source, "sourceImage": job["image"]}, "mode": "Force", **job["targets"]}
        status, headers = await self._call("POST", self._url, body)
        while status == 202:
            status, headers = await self._call("GET", headers["Location"])
            if status == 202:
                await asyncio.sleep(float(headers.get("Retry-After", 10)))
        if status >= 400:
            raise Failed(status)

    async def _call(self, method: str, url: str, body: object = None) -> tuple[int, Any]:
        for tries in range(1, SDK_TRIES + 1):
            async with self._session.request(method, url, json=body, headers=self._headers) as answer:
                await answer.read()
            if answer.status != 429 or tries == SDK_TRIES:
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
        return answer.status, answer.headers


def imports(repositories: dict[str, Any], *, by_digest: bool) -> Iterator[dict[str, Any]]:
    """The imports that the tool plans."""
    for name, repository in repositories.items():
        groups: dict[str, list[str]] = {}
        for tag, digest in repository.items():
            groups.setdefault(f"@{digest}" if by_digest else f":{tag}", []).append(tag)
        for reference, tags in groups.items():
            yield {"image": f"{name}{reference}", "targets": {"targetTags": [f"{name}:{tag}" for tag in tags]}}


async def content(session: aiohttp.ClientSession) -> dict[str, dict[str, str]]:
    """Tags and their digests, listed before the clock starts."""
    host = f"https://{SOURCE}.azurecr.io"
    form = {"grant_type": "access_token", "service": f"{SOURCE}.azurecr.io"}
    form["access_token"] = await token(session, "https://containerregistry.azure.net/.default")
    async with session.post(f"{host}/oauth2/exchange", data=form) as answer:
        refresh = (await answer.json())["refresh_token"]

    async def listed(path: str, scope: str) -> Any:
        form = {"grant_type": "refresh_token", "service": f"{SOURCE}.azurecr.io", "scope": scope}
        async with session.post(f"{host}/oauth2/token", data={**form, "refresh_token": refresh}) as answer:
            headers = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}
        async with session.get(f"{host}{path}", headers=headers) as answer:
            return await answer.json()

    names = (await listed("/acr/v1/_catalog?n=10000", "registry:catalog:*"))["repositories"]
    found = {}
    for name in names:
        tags = (await listed(f"/acr/v1/{name}/_tags?n=100000", f"repository:{name}:metadata_read"))["tags"]
        found[name] = {tag["name"]: tag["digest"] for tag in tags}
    return found


async def token(session: aiohttp.ClientSession, scope: str) -> str:
    """A token of Entra ID for the principal of the environment."""
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ["AZURE_CLIENT_ID"],
        "client_secret": os.environ["AZURE_CLIENT_SECRET"],
        "scope": scope,
    }
    url = f"https://login.microsoftonline.com/{os.environ['AZURE_TENANT_ID']}/oauth2/v2.0/token"
    async with session.post(url, data=form) as answer:
        return str((await answer.json())["access_token"])


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))))
