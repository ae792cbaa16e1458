"""The CONNECT proxy: answers for Azure's hosts itself, inside TLS, and refuses every other host."""

import asyncio
import ssl
from collections.abc import Callable

MAX_HEAD = 16_384
# Asked for each CONNECT with the host: None to serve it, or the status line that refuses it.
Admission = Callable[[str], str | None]


class ConnectProtocol(asyncio.Protocol):
    """One client's connection until it has asked for a host; then TLS and the web server take over."""

    def __init__(self, server: Callable[[], asyncio.Protocol], tls: ssl.SSLContext, admit: Admission) -> None:
        self._server, self._tls, self._admit = server, tls, admit
        self._head = b""
        self._transport: asyncio.Transport
        self._upgrade: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_server gives us
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes of the request's head."""
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
        elif refusal := self._admit(host):
            self._refuse(refusal, f"{host} is not served by local-azure")
        else:
            self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._upgrade = asyncio.get_running_loop().create_task(self._serve())

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
