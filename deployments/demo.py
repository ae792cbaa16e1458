"""`make demo`: move a realistic registry on an embedded Azure, with a real Prefect server.

Nothing is mocked: `acr-relocate run` talks to `local_azure` over the real protocols with the real SDKs, in separate
processes. All of them end with this one, in any case, unless --keep is given and all succeeded.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from acr_relocate.core.errors import RelocationError
from deployments import processes
from deployments.server import local_server
from deployments.server.prefect_server import PrefectServer
from local_azure.launcher import Emulator, EmulatorError

_ROOT = Path(__file__).parent.parent
REQUEST = _ROOT / "examples" / "demo.yaml"
_STATE = Path(os.environ.get("ACR_RELOCATE_STATE") or _ROOT / ".state" / "demo")
_NOTE = _STATE / "running.json"
EMULATOR = "-m local_azure"
SOURCE, TARGET = "contosoregistry", "contosoregistryne"
INTERRUPTED = 130
KEPT_SECONDS = 12 * 60 * 60.0


def main() -> int:
    """Return the exit status: 0 only if the relocation is verified as clean, by us and by an independent count."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the Prefect UI and the embedded Azure running")
    parser.add_argument("--stop", action="store_true", help="stop what --keep left running")
    parser.add_argument("--profile", choices=["instant", "realistic"], default="instant")
    options = parser.parse_args()
    stop_leftovers()
    if options.stop:
        return 0
    began = time.monotonic()
    demo = Demo(options.profile, keep=options.keep)
    try:
        with processes.interruptible():
            status = demo.run()
            say(f"\nThe demo took {time.monotonic() - began:.0f} s.")
            demo.kept = options.keep and status == 0
    except KeyboardInterrupt:
        say("\nInterrupted.")
        status = INTERRUPTED
    except (RelocationError, EmulatorError) as error:
        say(f"error: {error}")
        status = 1
    finally:
        with processes.ignore_interrupts():
            demo.end()
    return status


class Demo:
    """The processes of one demo."""

    def __init__(self, profile: str, *, keep: bool) -> None:
        self.kept = False
        self._keep = keep
        self._profile = profile
        self._uses = ExitStack()
        self._emulator: subprocess.Popen[str] | None = None
        self._relocation: subprocess.Popen[str] | None = None

    def run(self) -> int:
        """Run the relocation; return its exit status, or 1 if the independent count disagrees."""
        say("Starting a Prefect server and an embedded Azure with a realistic registry…")
        use = self._uses.enter_context(local_server.use_server(_STATE))
        command = [sys.executable, *EMULATOR.split(), "--seed", "demo", "--profile", self._profile]
        with processes.defer_interrupts():
            process = self._emulator = processes.start_process(
                command, environment=os.environ, log=_STATE / "local-azure.log", stdout=subprocess.PIPE
            )
        _NOTE.write_text(json.dumps({"emulator": process.pid}))
        emulator = ready(process)
        prefect = use.wait(say)
        command = [sys.executable, "-m", "deployments.cli", "run", str(REQUEST)]
        environment = {**os.environ, **prefect.client_environment, **emulator.env, "ACR_RELOCATE_STATE": str(_STATE)}
        with processes.defer_interrupts():
            self._relocation = processes.start_process(command, environment=environment)
        status = self._relocation.wait() or conclude(emulator, prefect)
        use.stays = KEPT_SECONDS if self._keep and status == 0 else 0.0
        return status

    def end(self) -> None:
        """Stop everything that was started, or, if kept, print how to stop it."""
        if self.kept:
            self._uses.close()
            say("The UI and the embedded Azure keep running. To stop them: make demo-stop")
            return
        if self._relocation and self._relocation.poll() is None:
            processes.stop_process(self._relocation, first=processes.INTERRUPT)
        if self._emulator:
            processes.stop_process(self._emulator)
        self._uses.close()
        _NOTE.unlink(missing_ok=True)


def ready(process: subprocess.Popen[str]) -> Emulator:
    """Return the emulator once it answers. Raises EmulatorError with the end of its log."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        log = (_STATE / "local-azure.log").read_text(errors="replace")
        raise EmulatorError("the embedded Azure did not start:\n" + "\n".join(log.splitlines()[-15:]))
    return Emulator(process, json.loads(line))


def conclude(emulator: Emulator, prefect: PrefectServer) -> int:
    """Count and compare the content of both registries without our own code; return 1 if it differs."""
    source, target = (emulator.content(name)["repositories"] for name in (SOURCE, TARGET))
    say("\nAn independent count, from the embedded Azure's own books:")
    for what, count in _COUNTS.items():
        say(f"  {what:18} {count(source):6} at the source {count(target):6} at the target")
    same = contents(source) == contents(target)
    say(f"  {'Every repository, tag, digest and referrer is the same.' if same else 'They are NOT the same.'}")
    say(f"  importImage calls: {emulator.stats()['import_calls']}")
    say(f"\nPrefect UI:  {prefect.ui}")
    say(f"Runs:        {prefect.ui}/v2/runs")
    say(f"Artifacts:   {prefect.ui}/v2/artifacts (report, plan, map, progress)")
    say(f"Sign in:     {prefect.auth_string} (new with each start; this server listens to this computer only)")
    return 0 if same else 1


def contents(repositories: dict[str, Any]) -> dict[str, Any]:
    """Return the content to compare: each repository's tags with their digests, digests, referrers, locks."""
    keys = ("tags", "referrers", "attributes", "tagAttributes", "manifestAttributes")
    return {
        name: {key: held[key] for key in keys} | {"manifests": sorted(held["manifests"])}
        for name, held in repositories.items()
    }


_COUNTS: dict[str, Callable[[dict[str, Any]], int]] = {
    "repositories": len,
    "tags": lambda held: sum(len(repository["tags"]) for repository in held.values()),
    "manifests": lambda held: sum(len(repository["manifests"]) for repository in held.values()),
}


def stop_leftovers() -> None:
    """Stop processes that an earlier demo kept, or left because it was killed."""
    if not _NOTE.exists():
        return
    note = json.loads(_NOTE.read_text())
    say("Stopping the processes of an earlier demo.")
    local_server.stop_noted(_STATE)
    processes.stop_by_id(note["emulator"], EMULATOR)
    _NOTE.unlink(missing_ok=True)


def say(text: str) -> None:
    """Print one line for the person who watches."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
