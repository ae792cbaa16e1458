"""A door to a server that can be shut: what a network or a server that is away looks like from outside."""

import socket
import threading
from contextlib import suppress


class Door:
    """Forwards connections to a port of this machine, from a port of its own: `port`."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._open: set[socket.socket] = set()
        self._listening = self._listen(0)
        self.port: int = self._listening.getsockname()[1]

    def shut(self) -> None:
        """Go away: connections are reset, and new ones refused."""
        for end in [self._listening, *self._open]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def open(self) -> None:
        """All is as it was."""
        self._listening = self._listen(self.port)

    def _listen(self, port: int) -> socket.socket:
        listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._admit, args=(listening,), daemon=True).start()
        return listening

    def _admit(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                ends = listening.accept()[0], socket.create_connection(("127.0.0.1", self._to))
                self._open.update(ends)
                for source, sink in (ends, ends[::-1]):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            self._open.discard(end)
            end.close()
