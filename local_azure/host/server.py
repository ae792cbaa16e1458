"""The process: the proxy, the admin port, and the world behind them."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from local_azure.host import admin, tls
from local_azure.host.front_door import FrontDoor
from local_azure.host.proxy import ConnectProtocol
from local_azure.state.settings import OWNER_CLIENT_ID, OWNER_SECRET, SUBSCRIPTION_ID, TENANT_ID
from local_azure.state.world import World

MAX_BODY = 64 * 1024 * 1024  # a blob may be large, a mistake should not be
LOOPBACK = "127.0.0.1"
SHUTDOWN_SECONDS = 0.05  # for answers under way; 0 would mean "wait for ever" to aiohttp


@dataclass(frozen=True)
class Addresses:
    """Where to find a running emulator."""

    proxy: str
    admin: str
    ca: Path

    def environment(self) -> dict[str, str]:
        """Return the environment with which a command takes this for Azure."""
        ca = str(self.ca)
        proxies = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")  # plain HTTP too, to be refused
        return {
            **dict.fromkeys(proxies, self.proxy),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
            "REQUESTS_CA_BUNDLE": ca,
            "SSL_CERT_FILE": ca,
            "CURL_CA_BUNDLE": ca,
            "AZURE_TENANT_ID": TENANT_ID,
            "AZURE_CLIENT_ID": OWNER_CLIENT_ID,
            "AZURE_CLIENT_SECRET": OWNER_SECRET,
            "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION_ID,
            "AZURE_CONFIG_DIR": str(self.ca.parent / "az"),  # az login must not touch the user's own profile
            "AZURE_CORE_COLLECT_TELEMETRY": "0",
            "AZURE_CORE_CHECK_FOR_UPDATES": "no",
            "LOCAL_AZURE_ADMIN": self.admin,  # to count calls or to inject faults
        }

    def view(self) -> dict[str, Any]:
        """Return the ready line."""
        return {"proxy": self.proxy, "admin": self.admin, "ca": str(self.ca), "env": self.environment()}


@contextlib.asynccontextmanager
async def serve(world: World, ca_dir: Path, stop: asyncio.Event, port: int = 0) -> AsyncIterator[Addresses]:
    """Serve all planes while the block runs."""
    networks = Networks(world, tls.server_context(ca_dir))
    try:
        proxy = await networks.join(world.settings.client_network, port)
        async with _admin(world, stop, networks.join) as admin_port:
            yield Addresses(proxy, f"http://{LOOPBACK}:{admin_port}", tls.ca_file(ca_dir).resolve())
    finally:
        world.operations.cancel()
        await networks.close()


class Networks:
    """The proxies, each of which is a network that clients are in, and the front door that they all lead to."""

    def __init__(self, world: World, context: ssl.SSLContext) -> None:
        self._context = context
        self._front = FrontDoor(world, self._listen)
        self._inside = web.Server(self._front.handle, request_factory=_request, access_log=None, keepalive_timeout=300)
        self._proxies: dict[str, asyncio.Server] = {}

    async def join(self, network: str, port: int = 0) -> str:
        """Return the proxy for clients in this virtual network, by its id; an empty id is the internet."""
        if network not in self._proxies:

            def connect() -> ConnectProtocol:
                return ConnectProtocol(self._inside, self._context, lambda host: self._front.admit(host, network))

            loop = asyncio.get_running_loop()
            self._proxies[network] = await loop.create_server(connect, LOOPBACK, port, backlog=1024)
        return f"http://{LOOPBACK}:{self._proxies[network].sockets[0].getsockname()[1]}"

    async def _listen(self, address: str) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(self._inside, address, 0, ssl=self._context)

    async def close(self) -> None:
        """Stop listening, and close open connections."""
        for proxy in self._proxies.values():
            proxy.close()
        self._front.doors.close()
        await self._inside.shutdown(SHUTDOWN_SECONDS)


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: "asyncio.Task[None]") -> web.BaseRequest:
    """Create requests as aiohttp does, but large enough for a blob."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)


@contextlib.asynccontextmanager
async def _admin(world: World, stop: asyncio.Event, join: admin.Join) -> AsyncIterator[int]:
    runner = web.AppRunner(admin.application(world, stop, join), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
