"""The stage of benchmarks: an embedded Azure, a Prefect server, and `acr-relocate` as a process that is watched."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployments.server import local_server
from deployments.server.prefect_server import PrefectServer
from local_azure.launcher import Emulator, running

BIN = Path(sys.executable).parent
CATALOGUE = Path(__file__).parent / "catalogues" / "docker-official-images.json"
SOURCE, SOURCE_GROUP = "contosoregistry", "contoso-west"
REGISTRY = "Microsoft.ContainerRegistry/registries"
GROUP, LOCATION = "bench-north", "northeurope"
BURST, WRITES_A_SECOND, LONGEST_IMPORT = 200, 10, 10.0
LAYER = 2_000_000  # bytes, so that no image is a small artifact
SIGNATURE = {"type": "application/vnd.cncf.notary.signature", "size": 2_100}
REFILL_SECONDS = 21  # until ARM's bucket is full again, so that each begins alike


@dataclass
class Stage:
    """Where a benchmark plays."""

    azure: Emulator
    folder: Path
    environment: dict[str, str]
    prefect: PrefectServer

    def target(self, name: str, source: str = SOURCE, source_group: str = SOURCE_GROUP, **fields: object) -> Path:
        """An empty registry like the seed's is there; the request that moves the source's content to it.

        `fields`: more of the request.
        """
        subscription = self.azure.env["AZURE_SUBSCRIPTION_ID"]
        group = f"/subscriptions/{subscription}/resourceGroups/{GROUP}"
        like = next(one for one in self.azure.resources(REGISTRY) if one["name"] == SOURCE)
        self.azure.plant(group, location=LOCATION, properties={"provisioningState": "Succeeded"})
        self.azure.plant(
            f"{group}/providers/{REGISTRY}/{name}",
            name=name,
            type=REGISTRY,
            location=LOCATION,
            sku=like["sku"],
            properties=like["properties"] | {"loginServer": f"{name}.azurecr.io"},
        )
        request = self.folder / f"{name}.json"
        origin = {"subscription_id": subscription, "resource_group": source_group, "name": source}
        target = {"resource_group": GROUP, "name": name, "location": LOCATION}
        request.write_text(json.dumps({"source": origin, "target": target, **fields}))
        return request

    def task_runs(self, *states: str) -> int:
        """How many imports the Prefect server has recorded in these states, or in any."""
        wanted: dict[str, Any] = {"name": {"like_": "@sha256"}}
        wanted |= {"state": {"type": {"any_": list(states)}}} if states else {}
        return int(self.ask("/task_runs/count", {"task_runs": wanted}))

    def ask(self, path: str, body: object) -> Any:
        """Return the Prefect server's answer."""
        return self.prefect.call("POST", path, body, timeout=60)

    def same(self, target: str) -> bool:
        """Whether the target holds what the source holds, by the emulator's own books."""
        return self.azure.content(SOURCE)["repositories"] == self.azure.content(target)["repositories"]


@contextmanager
def stage(catalogue: dict[str, Any], profile: str = "realistic", **options: Any) -> Iterator[Stage]:
    """An embedded Azure and a Prefect server for the length of the block, in a temporary folder.

    The server's database is SQLite, unless PREFECT_SERVER_DATABASE_CONNECTION_URL names another.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="acr-relocate-bench-")))
        seed = folder / "catalogue.json"
        seed.write_text(json.dumps(catalogue))
        azure = stack.enter_context(running(seed=str(seed), profile=profile, **options))
        prefect = stack.enter_context(local_server.shared(folder / "prefect"))
        environment = {**os.environ, **azure.env, **prefect.client_environment}
        yield Stage(azure, folder, environment, prefect)


@dataclass
class Run:
    """`acr-relocate` under way, in a session of its own. `lines` are what it has printed, with the time of each."""

    command: list[str]
    environment: dict[str, str]
    lines: list[tuple[float, str]] = field(default_factory=list)
    peak_mib: float = 0.0
    cpu_seconds: float = 0.0
    exit: int | None = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            [str(BIN / "acr-relocate"), *self.command],
            env=self.environment, start_new_session=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.monotonic(), line.rstrip()))
            print(f"    {line.rstrip()}", file=sys.stderr)

    def wait(self) -> "Run":
        """It has ended; what it took of processor and memory is known."""
        _, status, usage = os.wait4(self.pid, 0)
        self.seconds = time.monotonic() - self._began
        self.exit = self._process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = round(usage.ru_utime + usage.ru_stime, 2)
        self.peak_mib = round(usage.ru_maxrss / 1024, 1)
        self._reader.join()
        return self

    @property
    def is_alive(self) -> bool:
        """The process has not ended."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def kill(self) -> None:
        """SIGKILL, if it has not ended before."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def at(self, pattern: str) -> float:
        """When a line with this was printed, as time.monotonic."""
        return next((moment for moment, line in self.lines if re.search(pattern, line)), 0.0)


def bound(writes: int) -> float:
    """The least seconds in which Azure Resource Manager admits so many imports, or one import's."""
    return max((writes - BURST) / WRITES_A_SECOND, LONGEST_IMPORT)


def part_of_catalogue(images: int) -> dict[str, Any]:
    """Every n-th image of the Docker Official Images, so that there are so many; 0: all of them."""
    catalogue: dict[str, Any] = json.loads(CATALOGUE.read_text())
    each = [(name, image) for name, found in catalogue["repositories"].items() for image in found]
    repositories: dict[str, list[Any]] = {}
    for number in range(images or len(each)):
        name, image = each[number * len(each) // (images or len(each))]
        repositories.setdefault(name, []).append(image)
    return {**catalogue, "repositories": repositories}


def add_small_artifacts(parser: argparse.ArgumentParser) -> None:
    """Give a benchmark the option `--small-artifacts`."""
    parser.add_argument(
        "--small-artifacts", choices=["import", "push"], default="import", help="push: each image has a signature"
    )


def registry_writes(stats: dict[str, Any]) -> int:
    """Return the number of writes over the data plane."""
    return sum(
        count for route, count in stats["routes"].items() if route.startswith(("PUT /v2", "POST /v2", "PATCH /v2"))
    )


def content_writes(stats: dict[str, Any]) -> int:
    """Return the number of imports and of writes over the data plane."""
    return int(stats["imports"]) + registry_writes(stats)


def disturbed(images: int, small_artifacts: str) -> dict[str, Any]:
    """A catalogue of so many images, each one import; to be pushed beside them, a signature of each image."""
    catalogue = synthetic(images)
    if small_artifacts == "push":
        for found in catalogue["repositories"].values():
            for image in found:
                image |= {"referrers": [SIGNATURE], "layers": [LAYER]}
    return catalogue


def synthetic(images: int, tags: int = 1, architectures: int = 1, per_repository: int = 100) -> dict[str, Any]:
    """A catalogue of so many images, each with so many tags, an index if it is of several architectures."""
    arch = ["amd64", "arm64v8", "arm32v7", "s390x", "ppc64le", "riscv64"][:architectures]
    repositories: dict[str, list[Any]] = {}
    for number in range(images):
        entry = {"tags": [f"{number}.{tag}" for tag in range(tags)], "arch": arch}
        repositories.setdefault(f"team/app{number // per_repository:04}", []).append(entry)
    return {"source": "synthetic", "repositories": repositories}
