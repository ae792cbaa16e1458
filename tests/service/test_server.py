"""A Prefect server of our own: at a port that is ours, whoever else wants one at the same time."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deployments import processes
from deployments.server import local_server


class AnotherServer(BaseHTTPRequestHandler):
    """What a Prefect server with another database says of itself, as far as anybody asks here."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"home": "/somebody/else"}).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def another_at(port: int) -> Iterator[None]:
    """Another server listens at the port."""
    listening = HTTPServer(("127.0.0.1", port), AnotherServer)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # it is known by its id, and stopped by that
def test_who_was_faster_at_the_port_is_not_taken_for_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs that start at once find the same port free. Each ends up with a server and a database of its own."""
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", str(processes.free_port(0)))
    ours = local_server.start_server(tmp_path)
    with another_at(ours.port):
        assert not ours.healthy
        running = local_server.wait_until_healthy(ours)
        try:
            assert running.port != ours.port
            assert running.home_of_listener == str(tmp_path)
            assert not processes.is_running(ours.pid, local_server.MARKER)
        finally:
            local_server.stop_server(running)
