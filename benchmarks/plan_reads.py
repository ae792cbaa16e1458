"""Costs of `acr-relocate plan` on a large registry: reads of the data plane, memory, writes; and its progress.

A registry of 10,000 manifests (100 repositories, 2,500 indexes of three platforms each) is planted in the embedded
Azure. The least that any client needs to know it: the catalogue, and for each repository its attributes, its tags and
its manifests, page by page, and each index once, because only its body says what is in it.

    python -m benchmarks.plan_reads [--repositories 100] [--images 25]
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from local_azure.launcher import Emulator, running

BIN = Path(sys.executable).parent
PAGE = 1000
MOST_READS, MOST_MIB = 1.2, 300
ARCHITECTURES = ("amd64", "arm64v8", "arm32v7")


def main() -> int:
    """Plan and print the figures; 0 if all are within their limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=int, default=100)
    parser.add_argument("--images", type=int, default=25, help="in each repository; each is an index of three")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "catalogue.json"
        seed.write_text(json.dumps(catalogue(options.repositories, options.images)))
        with running(seed=str(seed)) as azure:
            figures = measure(azure, Path(folder))
    print(json.dumps(figures, indent=2))
    within = figures["ratio"] <= MOST_READS and figures["peak_mib"] < MOST_MIB
    return 0 if within and figures["arm_writes"] == 0 and figures["progress_seen"] else 1


def catalogue(repositories: int, images: int) -> dict[str, Any]:
    """The seed."""
    entries = [{"tags": [f"1.{number}"], "arch": ARCHITECTURES} for number in range(images)]
    return {"source": "synthetic", "repositories": {f"team/app{number:03}": entries for number in range(repositories)}}


def measure(azure: Emulator, folder: Path) -> dict[str, Any]:
    """One plan, from the start of its process to the end."""
    source = {"subscription_id": azure.env["AZURE_SUBSCRIPTION_ID"], "resource_group": "contoso-west"}
    target = {"resource_group": "bench-north", "name": "planstarget", "location": "northeurope"}
    request = folder / "request.json"
    request.write_text(json.dumps({"source": {**source, "name": "contosoregistry"}, "target": target}))
    azure.reset_stats()
    began, log = time.monotonic(), folder / "log"
    with log.open("w") as output:
        command = [str(BIN / "acr-relocate"), "plan", str(request)]
        process = subprocess.Popen(command, env={**os.environ, **azure.env}, stdout=output, stderr=output)
        peak = watch(process)
    stats, content = azure.stats(), azure.content("contosoregistry")["repositories"]
    reads = sum(count for route, count in stats["routes"].items() if is_read_of_content(route))
    least = least_reads(content)
    return {
        "manifests": sum(len(one["manifests"]) for one in content.values()),
        "reads": reads,
        "least": least,
        "ratio": round(reads / least, 3),
        "peak_mib": round(peak / 1024),
        "arm_writes": stats["arm_writes"],
        "progress_seen": "listing contosoregistry" in log.read_text(),
        "seconds": round(time.monotonic() - began, 1),
        "exit": process.returncode,
        "said": log.read_text(errors="replace")[-2000:] if process.returncode else "",
    }


def watch(process: subprocess.Popen[bytes]) -> int:
    """The most memory that the process itself held, in KiB (Linux), when it has ended."""
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except FileNotFoundError:
            break
        lines = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        peak = max(peak, *map(int, lines), 0)
        time.sleep(0.1)
    process.wait()
    return peak


def is_read_of_content(route: str) -> bool:
    """Whether a route is one of the data plane's reads: listings, attributes, manifests; tokens are counted apart."""
    return route.startswith(("GET", "HEAD")) and ("/acr/v1/" in route or " /v2/" in route)


def least_reads(content: dict[str, Any]) -> int:
    """Pages of listings, attributes of repositories, bodies of indexes and referrers."""
    pages = math.ceil(len(content) / PAGE)
    for repository in content.values():
        manifests = repository["manifests"].values()
        bodies = sum(1 for one in manifests if one.get("children") or one.get("subject"))
        pages += 1 + max(1, math.ceil(len(repository["tags"]) / PAGE)) + math.ceil(len(manifests) / PAGE) + bodies
    return pages


if __name__ == "__main__":
    sys.exit(main())
