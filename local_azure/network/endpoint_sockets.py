"""Doors: the sockets behind the addresses of private endpoints, so that what a client sends really goes to one.

An address such as 10.20.1.50 does not exist on this computer. Its socket is a port of 127.20.1.50, which Linux answers
without being told to, or of 127.0.0.1 on systems that do not.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from local_azure.network.addresses import NIC
from local_azure.wire.routing import EndpointAddress

if TYPE_CHECKING:
    from local_azure.state.world import World

LOOPBACK = "127.0.0.1"
Listen = Callable[[str], Awaitable[asyncio.Server]]


class EndpointSockets:
    """Each is opened when somebody goes there for the first time. `listen` makes a socket at an address of ours."""

    def __init__(self, world: "World", listen: Listen) -> None:
        self._world, self._listen = world, listen
        self._servers: dict[EndpointAddress, asyncio.Server] = {}
        self._by_socket: dict[tuple[str, int], EndpointAddress] = {}

    async def find(self, address: str, network: str) -> tuple[str, int] | None:
        """Return the socket for an address reached from the network; None if no interface has the address."""
        door = self._door(address, network)
        if door is None:
            return None
        if door not in self._servers:
            server = await self._open(address)
            self._servers[door] = server
            self._by_socket[_socket(server)] = door
        return _socket(self._servers[door])

    def at(self, socket: object) -> EndpointAddress | None:
        """Return the endpoint whose socket received a connection; None for the public one."""
        return self._by_socket.get((str(socket[0]), int(socket[1]))) if isinstance(socket, tuple) else None

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers.values():
            server.close()

    def _door(self, address: str, network: str) -> EndpointAddress | None:
        """Return the endpoint of an address: networks are peered; of two with the same one, the client's own wins."""
        held = [
            (not own["subnet"]["id"].lower().startswith(f"{network.lower()}/"), interface.id)
            for interface in self._world.resources.select(NIC)
            for own in (one["properties"] for one in interface.properties.get("ipConfigurations") or ())
            if own["privateIPAddress"] == address
        ]
        return EndpointAddress(min(held)[1], address) if held else None

    async def _open(self, address: str) -> asyncio.Server:
        with contextlib.suppress(OSError):
            return await self._listen(f"127.{address.partition('.')[2]}")
        return await self._listen(LOOPBACK)


def _socket(server: asyncio.Server) -> tuple[str, int]:
    host, port = server.sockets[0].getsockname()[:2]
    return str(host), int(port)
