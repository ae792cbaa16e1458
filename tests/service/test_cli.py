"""The command in a process of its own: what it prints and its exit status."""

import gzip
import json
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings import get_current_settings

from deployments import processes
from deployments.commands.run_command import INTERRUPTED_TEXT
from tests.service.conftest import SUBSCRIPTION, Move
from tests.support.forks import Command, fork_without_terminal

SOURCE = {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-west", "name": "contosoregistry"}
TARGET = {"resource_group": "contoso-north", "name": "neverregistry", "location": "northeurope"}

BAD_REQUESTS: dict[str, tuple[Any, str]] = {
    "a wrong field": ({"source": SOURCE, "target": TARGET, "concurency": 3}, "concurrency"),
    "an impossible region": ({"source": SOURCE, "target": TARGET | {"location": "northeurop"}}, "northeurope"),
    "an illegal registry name": ({"source": SOURCE, "target": TARGET | {"name": "Never-Registry"}}, "Never-Registry"),
    "the same registry twice": ({"source": SOURCE, "target": TARGET | {"name": SOURCE["name"]}}, "name"),
    "not an object": ("move it, please", "not a mapping"),
    "nothing": (None, "empty"),
}


def command(*arguments: str, cwd: Path, **variables: str) -> Command:
    """The command begins, with this state folder."""
    return fork_without_terminal(arguments, {**os.environ, "ACR_RELOCATE_STATE": str(cwd), **variables}, cwd)


def run(*arguments: str, cwd: Path, **variables: str) -> tuple[int, str, str]:
    return command(*arguments, cwd=cwd, **variables).ended()


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OpenTelemetry collector as far as a test needs one: where it is, and what was sent to it."""
    sent: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sent
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(name="prefect")
def _prefect() -> dict[str, str]:
    """The tests' Prefect server, for another process."""
    return {"PREFECT_API_URL": str(get_current_settings().api.url)}


class TestVersion:
    def test_it_is_the_installed_one(self, tmp_path: Path) -> None:
        """The facts that a person puts into a report of a defect."""
        assert run("--version", cwd=tmp_path) == (0, f"acr-relocate {version('acr-relocate')}\n", "")


class TestBadInput:
    @pytest.mark.parametrize(
        ("verb", "case"),
        [("run", case) for case in BAD_REQUESTS] + [(verb, "nothing") for verb in ("plan", "sync", "verify", "doctor")],
    )
    def test_one_clear_message_and_no_call(self, verb: str, case: str, move: Move, tmp_path: Path) -> None:
        """Exit status 2, a message that names the culprit and no traceback; Azure has not heard of it."""
        request, culprit = BAD_REQUESTS[case]
        path = tmp_path / "request.yaml"
        path.write_text("" if request is None else yaml.safe_dump(request))

        status, output, errors = run(verb, str(path), cwd=tmp_path)

        assert status == 2
        assert output == ""
        assert culprit in errors
        assert "Traceback" not in errors
        assert move.emulator.stats()["planes"] == {}

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        """The same for a file that cannot be read."""
        status, _, errors = run("run", "nowhere.yaml", cwd=tmp_path)

        assert (status, errors.strip()) == (2, "error: There is no file nowhere.yaml")

    def test_broken_json(self, tmp_path: Path) -> None:
        """The same for a file that is not what its name says."""
        path = tmp_path / "request.json"
        path.write_text('{"source": ')

        status, _, errors = run("run", str(path), cwd=tmp_path)

        assert status == 2
        assert "is not JSON" in errors


class TestRun:
    def test_the_report_as_json(self, move: Move, request_file: str, prefect: dict[str, str], tmp_path: Path) -> None:
        """Exit status 0, and standard output is the report and nothing else. Metrics go where the environment says."""
        with collector() as (endpoint, sent):
            variables = prefect | {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
            status, output, errors = run("run", request_file, "--json", cwd=tmp_path, **variables)

        report = json.loads(output)
        assert (status, errors) == (0, "")
        assert report["verdict"] == "relocated"
        assert report["embedded"] is True
        assert move.contents()[0] == move.contents()[1]
        metrics = ("imports", "imported", "throttled", "phase.duration", "differences")
        assert [name for name in metrics if f"acr_relocate.{name}".encode() not in b"".join(sent)] == []

    def test_a_person_sees_phases_and_that_azure_is_embedded(
        self, request_file: str, prefect: dict[str, str], tmp_path: Path
    ) -> None:
        """A line for each phase on the standard error; then 15 lines, the verdict last, and the report in a file."""
        status, output, errors = run("run", request_file, cwd=tmp_path, **prefect)
        lines = output.splitlines()
        [report] = [Path(line.split()[1]) for line in lines if line.startswith("Report:")]
        [script] = [Path(line.split()[1]) for line in lines if line.startswith("Script:")]

        assert status == 0
        assert "This is the embedded Azure" in errors
        assert [phase for phase in ("inventory", "deploy", "import", "verify") if f"✓ {phase}" not in errors] == []
        assert any("/runs/flow-run/" in line for line in lines)
        assert len(lines) <= 15
        assert lines[-1].startswith("relocated: 17 manual steps and ")
        assert "is relocated to" in report.read_text()
        assert (stat.S_IMODE(report.stat().st_mode), stat.S_IMODE(script.stat().st_mode)) == (0o600, 0o700)
        assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0

    def test_a_plan_as_json_and_as_a_page(
        self, move: Move, request_file: str, prefect: dict[str, str], tmp_path: Path
    ) -> None:
        """Standard output is the plan with map and networks, the file is a page; Azure saw not one write."""
        page = tmp_path / "plan.html"
        status, output, errors = run("plan", request_file, "--json", "--html", str(page), cwd=tmp_path, **prefect)

        plan = json.loads(output)
        assert (status, errors) == (0, "")
        assert "contoso-aks" in {entry["name"] for entry in plan["dependencies"]["dependencies"]}
        assert plan["network"]["source"]["endpoints"]
        assert page.read_text().startswith("<!doctype html>")
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        assert move.emulator.stats()["arm_writes"] == 0

    def test_a_page_that_cannot_be_written(self, request_file: str, tmp_path: Path) -> None:
        """Said before anything is done."""
        status, _, errors = run("plan", request_file, "--html", str(tmp_path / "nowhere" / "plan.html"), cwd=tmp_path)

        assert status == 2
        assert errors.startswith("error: There is no folder")

    def test_what_is_not_relocated_is_status_1(
        self, request_file: str, prefect: dict[str, str], tmp_path: Path
    ) -> None:
        """Verifying against a target that does not exist is an error with a remedy, not a traceback."""
        status, _, errors = run("verify", request_file, cwd=tmp_path, **prefect)

        assert status == 1
        assert "\nerror: Reading the registry moved" in errors
        assert "Remedy:" in errors
        assert "Traceback" not in errors

    def test_ctrl_c_ends_it_and_the_next_run_completes(
        self, move: Move, request_file: str, prefect: dict[str, str], tmp_path: Path
    ) -> None:
        """An interrupt during the imports is exit status 130 without a traceback, and nothing is lost."""
        move.emulator.arm_fault("import-hangs", times=0)
        process = command("run", request_file, cwd=tmp_path, **prefect)
        assert processes.wait_until(lambda: move.emulator.stats()["import_calls"] > 0, 60)
        process.send_signal(signal.SIGINT)
        interrupted, _, errors = process.ended()
        move.emulator.clear_faults()
        move.emulator.release()

        status, output, _ = run("run", request_file, "--json", cwd=tmp_path, **prefect)

        assert interrupted == 130
        assert "Traceback" not in errors
        assert errors.splitlines()[-2:] == INTERRUPTED_TEXT.splitlines()
        assert (status, json.loads(output)["verdict"]) == (0, "relocated")


class TestDoctor:
    def test_all_is_well(self, request_file: str, prefect: dict[str, str], tmp_path: Path) -> None:
        """Each thing that has to work is named, and the status is 0."""
        status, output, _ = run("doctor", request_file, cwd=tmp_path, **prefect)

        assert status == 0
        *checks, verdict = output.splitlines()
        assert [line[0] for line in checks] == ["✓"] * 5
        assert verdict == "ready: 5 checks passed"

    @pytest.mark.usefixtures("emulator")
    def test_a_wrong_secret_has_a_remedy(self, prefect: dict[str, str], tmp_path: Path) -> None:
        """The status is 1 and the message says what to do."""
        status, output, _ = run("doctor", cwd=tmp_path, AZURE_CLIENT_SECRET="wrong", **prefect)

        assert status == 1
        assert "✗ credential" in output
        assert "Remedy: Sign in" in output
        assert output.splitlines()[-1] == "not ready: 1 of 2 checks failed"

    @pytest.mark.usefixtures("emulator")
    def test_no_prefect_server_has_a_remedy(self, tmp_path: Path) -> None:
        """A server that does not answer is found before a flow needs it."""
        status, output, _ = run("doctor", cwd=tmp_path, PREFECT_API_URL="http://127.0.0.1:9/api")

        assert status == 1
        assert "✗ Prefect server" in output


@pytest.mark.usefixtures("emulator")
@pytest.mark.parametrize(("verb", "said"), [("firewall", "10.10.1.4"), ("attach", "name: 'neverregistry'")])
def test_a_registry_named_alone_is_found(verb: str, said: str, tmp_path: Path) -> None:
    """For the commands that run no flow, too: three fields are enough."""
    path = tmp_path / "request.yaml"
    target = {"name": TARGET["name"], "location": TARGET["location"]}
    path.write_text(yaml.safe_dump({"source": {"name": SOURCE["name"]}, "target": target}))

    status, output, errors = run(verb, str(path), cwd=tmp_path)

    assert (status, errors) == (0, "")
    assert said in output
