"""The CONNECT proxy: answers for Azure's hosts itself, inside TLS, and refuses every other host.

It is the network that its clients are in: a name that this network resolves to a private address leads to that address.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

MAX_HEAD = 16_384
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
Socket = tuple[str, int]
# Asked for each CONNECT with the host: None to serve it here, a socket to pass it on to, or the status line that
# refuses it.
Admission = Callable[[str], Awaitable[Socket | str | None]]


class ConnectProtocol(asyncio.Protocol):
    """One client's connection until it has asked for a host; then TLS and the web server take over."""

    def __init__(self, server: Callable[[], asyncio.Protocol], tls: ssl.SSLContext, admit: Admission) -> None:
        self._server, self._tls, self._admit = server, tls, admit
        self._head = b""
        self._transport: asyncio.Transport
        self._upgrade: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport of a new client."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_server gives us
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect bytes of the request's head."""
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._answer()
        elif len(self._head) > MAX_HEAD:
            self._transport.close()

    def _answer(self) -> None:
        method, target = [*self._head.split(b" ", 2), b""][:2]
        host, _, port = target.decode("latin-1").lower().rpartition(":")
        if method != b"CONNECT" or port != "443":
            self._refuse("403 Forbidden", f"only Azure's own hosts over HTTPS are here, not {target.decode('latin-1')}")
        else:
            self._upgrade = asyncio.get_running_loop().create_task(self._let_in(host))

    async def _let_in(self, host: str) -> None:
        way = await self._admit(host)
        if isinstance(way, str):
            self._refuse(way, f"{host} is not served by local-azure")
            return
        if way is None:
            self._transport.write(ESTABLISHED)
            await self._serve()
            return
        there, _ = await asyncio.get_running_loop().create_connection(lambda: _Pipe(self._transport), *way)
        self._transport.set_protocol(_Pipe(there))
        self._transport.write(ESTABLISHED)

    def _refuse(self, status: str, reason: str) -> None:
        body = f"{reason}\n".encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self._transport.write(head.encode() + body)
        self._transport.close()

    async def _serve(self) -> None:
        waiting = _Buffer()
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(self._transport, waiting, self._tls, server_side=True)
        except (OSError, ssl.SSLError, TimeoutError):  # the client does not trust us or has gone
            self._transport.abort()
            return
        if transport is None:
            return
        handler = self._server()
        transport.set_protocol(handler)
        handler.connection_made(transport)
        if waiting.data:
            handler.data_received(bytes(waiting.data))
        if waiting.closed:
            handler.connection_lost(None)


class _Pipe(asyncio.Protocol):
    """Send the bytes of one connection on to the other, no faster than that takes them; both end together."""

    def __init__(self, other: asyncio.Transport) -> None:
        self._other = other

    def data_received(self, data: bytes) -> None:
        self._other.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._other.close()

    def pause_writing(self) -> None:
        self._other.pause_reading()

    def resume_writing(self) -> None:
        self._other.resume_reading()


class _Buffer(asyncio.Protocol):
    """Keeps what arrives between the handshake and the moment the web server takes over."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.closed = False

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.closed = True
