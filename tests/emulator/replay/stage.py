"""One embedded Azure in this process for one exchange: prepared at once, then slow and signing as the recorded one."""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import aiohttp
from yarl import URL

from local_azure.host import tls
from local_azure.host.server import serve
from local_azure.state.directory import Principal
from local_azure.state.settings import OWNER_CLIENT_ID, OWNER_SECRET, SUBSCRIPTION_ID, TENANT_ID, Settings
from local_azure.state.snapshot import restore, snapshot
from local_azure.state.world import World
from tests.emulator.replay.comparison import Answer
from tests.emulator.replay.furniture import FURNITURE, GROUP, REGISTRY, furnish_content

T = TypeVar("T")
ARM: Final = "https://management.azure.com"
SLOW: Final = Settings(profile="realistic", operations="held")
QUICK: Final = Settings()
CHANGED_FIELDS: Final = {
    "createdBy", "createdByType", "createdAt", "lastModifiedBy", "lastModifiedByType", "lastModifiedAt",
}  # fmt: skip
"""Of `systemData`."""
_prepared: dict[str, Any] = {}


@dataclass
class Stage:
    """The world and a client of it, as Owner."""

    world: World
    session: aiohttp.ClientSession
    proxy: str
    tls: ssl.SSLContext
    names: dict[str, str] = field(default_factory=dict)

    def fill(self, path: str, **names: str) -> str:
        """Return the path with names in the place of its placeholders: those of the furniture, or others."""
        known = {"subscriptionId": SUBSCRIPTION_ID, "resourceGroup": GROUP, "registry": REGISTRY, "tenant": TENANT_ID}
        for name, value in (known | self.names | names).items():
            path = path.replace("{" + name + "}", value)
        return path

    async def arm(self, method: str, path: str, version: str = "", body: object = None, **headers: str) -> Answer:
        """Ask Azure Resource Manager (or Resource Graph); `path` may be a whole URL."""
        return await self.ask(method, path if "://" in path else ARM + path, version, body, **headers)

    async def ask(
        self, method: str, url: str, version: str = "", body: object = None, audience: str = ARM, **headers: str
    ) -> Answer:
        """Ask a service of Azure with a token for it."""
        if version:
            url += f"{'&' if '?' in url else '?'}api-version={version}"
        token = self.world.directory.access_token(self.owner, audience, 600)
        given = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.raw(method, url, headers=given, **({} if body is None else {"json": body}))

    async def raw(self, method: str, url: str, **options: Any) -> Answer:
        """Send a request as it is, through the proxy; redirects are answers."""
        asked = URL(url, encoded=True)
        async with self.session.request(
            method, asked, proxy=self.proxy, ssl=self.tls, allow_redirects=False, **options
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, headers, await response.read())

    async def data(self, method: str, path: str, registry: str = REGISTRY, **options: Any) -> Answer:
        """Ask a registry's data plane, with name and password of the owner."""
        name, word = options.pop("user", (OWNER_CLIENT_ID, OWNER_SECRET))
        basic = {"Authorization": f"Basic {b64encode(f'{name}:{word}'.encode()).decode()}"} if name else {}
        return await self.raw(method, f"https://{registry}.azurecr.io{path}", headers=basic, **options)

    async def settled(self) -> None:
        """Let all held operations end."""
        self.world.operations.release()
        await self.world.operations.settled()

    @property
    def owner(self) -> Principal:
        """The principal that asks."""
        found = self.world.directory.find(OWNER_CLIENT_ID)
        assert found is not None
        return found

    def set(self, settings: Settings) -> None:
        """Go on with other settings."""
        self.world.settings = self.world.operations.settings = settings

    async def at_once(self, do: Callable[[], Awaitable[T]]) -> T:
        """Do something with operations that end before their answer."""
        self.set(QUICK)
        try:
            return await do()
        finally:
            self.set(SLOW)

    async def make(self, path: str, version: str, body: object, method: str = "PUT") -> Answer:
        """Have a resource that the furniture lacks."""
        made = await self.at_once(lambda: self.arm(method, self.fill(path), version, body))
        assert made.status < 300, made.body
        return made

    async def poll(self, started: Answer, *, done: bool, header: str = "", version: str = "") -> Answer:
        """Ask how the operation of an answer goes: as long as it is held, or after it was let go."""
        if done:
            await self.at_once(self.settled)
        url = (
            started.headers.get(header)
            or started.headers.get("azure-asyncoperation")
            or started.headers.get("location")
        )
        assert url, (started.status, started.body)
        return await self.arm("GET", url, version)


@asynccontextmanager
async def stage(ca_dir: Path) -> AsyncIterator[Stage]:
    """Have a furnished Azure for the length of the block."""
    world = World(QUICK)
    if _prepared:
        restore(world, json.loads(json.dumps(_prepared)))
    context = ssl.create_default_context(cafile=str(tls.ca_file(ca_dir)))
    async with serve(world, ca_dir, asyncio.Event()) as addresses, aiohttp.ClientSession() as session:
        made = Stage(world, session, addresses.proxy, context)
        if not _prepared:
            await _furnish(made)
            _prepared.update(snapshot(world))
        made.set(SLOW)
        yield made


async def _furnish(made: Stage) -> None:
    for path, version, body in FURNITURE:
        answer = await made.arm("PUT", made.fill(path), version, body)
        assert answer.status < 300, (path, answer.status, answer.body)
    furnish_content(made.world)


def body_of(answer: Answer) -> Any:
    """Return the JSON of an answer's body."""
    return json.loads(answer.body)


async def ask(asked: Stage, method: str, path: str, version: str, body: object = None) -> Answer:
    """Ask Azure Resource Manager for something in the furnished group."""
    return await asked.arm(method, asked.fill(path), version, body)
