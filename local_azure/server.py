"""The process: the proxy, the admin port, and the world behind them."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

import local_azure.routes  # noqa: F401 - every service is known from here on
from local_azure import admin, tls
from local_azure.front import FrontDoor
from local_azure.proxy import ConnectProtocol
from local_azure.settings import OWNER_CLIENT_ID, OWNER_SECRET, SUBSCRIPTION_ID, TENANT_ID
from local_azure.world import World

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
        """What a command needs in its environment to take this for Azure."""
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
            "LOCAL_AZURE_ADMIN": self.admin,  # for whoever wants to count or to break things
        }

    def view(self) -> dict[str, Any]:
        """The ready line."""
        return {"proxy": self.proxy, "admin": self.admin, "ca": str(self.ca), "env": self.environment()}


@contextlib.asynccontextmanager
async def serve(world: World, ca_dir: Path, stop: asyncio.Event, port: int = 0) -> AsyncIterator[Addresses]:
    """Running inside the block: everything answers."""
    context = tls.server_context(ca_dir)
    async with _proxy(world, context, port) as proxy_port, _admin(world, stop) as admin_port:
        ca = tls.ca_file(ca_dir).resolve()
        yield Addresses(f"http://{LOOPBACK}:{proxy_port}", f"http://{LOOPBACK}:{admin_port}", ca)


@contextlib.asynccontextmanager
async def _proxy(world: World, context: ssl.SSLContext, port: int) -> AsyncIterator[int]:
    front = FrontDoor(world)
    loop = asyncio.get_running_loop()

    inside = web.Server(front.handle, request_factory=_request, access_log=None, keepalive_timeout=300)
    outside = await loop.create_server(
        lambda: ConnectProtocol(inside, context, front.admit), LOOPBACK, port, backlog=1024
    )
    try:
        yield outside.sockets[0].getsockname()[1]
    finally:
        outside.close()
        await inside.shutdown(SHUTDOWN_SECONDS)


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: "asyncio.Task[None]") -> web.BaseRequest:
    """As aiohttp makes it, but large enough for a blob."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)


@contextlib.asynccontextmanager
async def _admin(world: World, stop: asyncio.Event) -> AsyncIterator[int]:
    runner = web.AppRunner(admin.application(world, stop), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
