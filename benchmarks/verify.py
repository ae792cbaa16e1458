"""Costs of `acr-relocate verify` on two large registries: reads of their data planes, memory, time; and no write.

A registry of 10,000 manifests (100 repositories, 2,500 indexes of three platforms each) is planted in the embedded
Azure twice. The least that any client needs to compare them is what it needs to know each of them (plan_reads.py);
a client that asks for each tag needs a request for each tag of each registry, and has then seen no untagged manifest.

    python -m benchmarks.verify [--repositories 100] [--images 25]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.plan_reads import BIN, catalogue, is_read_of_content, least_reads, watch
from local_azure.launcher import Emulator, running

SOURCE, TARGET = "contosoregistry", "contosocopy"
MOST_READS, MOST_MIB = 1.2, 400


def main() -> int:
    """Compare and print the figures; 0 if all are within their limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=int, default=100)
    parser.add_argument("--images", type=int, default=25, help="in each repository; each is an index of three")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "catalogue.json"
        seed.write_text(json.dumps(catalogue(options.repositories, options.images)))
        with running(seed=str(seed)) as azure:
            figures = measure(azure, *doubled(azure, Path(folder)), Path(folder))
    print(json.dumps(figures, indent=2))
    within = figures["ratio"] <= MOST_READS and figures["peak_mib"] < MOST_MIB
    return 0 if within and figures["writes"] == 0 and figures["verdict"] == "relocated" else 1


def doubled(azure: Emulator, folder: Path) -> tuple[str, str]:
    """There is a second registry with the same settings and the same content; the ids of both."""
    state = folder / "state.json"
    (source,) = azure.resources("Microsoft.ContainerRegistry/registries")
    copy = str(source["id"]).replace(SOURCE, TARGET)
    properties = source["properties"] | {"loginServer": f"{TARGET}.azurecr.io"}
    azure.plant(copy, **{name: source[name] for name in ("location", "sku", "tags")}, properties=properties)
    azure.save(state)
    world = json.loads(state.read_text())
    world["content"][TARGET] = world["content"][SOURCE]
    state.write_text(json.dumps(world))
    azure.load(state)
    return str(source["id"]), copy


def measure(azure: Emulator, source: str, target: str, folder: Path) -> dict[str, Any]:
    """One comparison, from the start of its process to the end."""
    azure.reset_stats()
    began, output, log = time.monotonic(), folder / "report.json", folder / "log"
    environment = {**os.environ, **azure.env, "ACR_RELOCATE_STATE": str(folder)}
    with output.open("w") as report, log.open("w") as errors:
        command = [str(BIN / "acr-relocate"), "verify", "--source", source, "--target", target, "--json"]
        process = subprocess.Popen(command, env=environment, stdout=report, stderr=errors)
        peak = watch(process)
    stats, content = azure.stats(), azure.content(SOURCE)["repositories"]
    reads = sum(count for route, count in stats["routes"].items() if is_read_of_content(route))
    least, found = 2 * least_reads(content), json.loads(output.read_text() or "{}")
    return {
        "manifests": sum(len(one["manifests"]) for one in content.values()),
        "tags": sum(len(one["tags"]) for one in content.values()),
        "reads": reads,
        "least": least,
        "ratio": round(reads / least, 3),
        "peak_mib": round(peak / 1024),
        "writes": len(stats["writes"]) + len(stats["registry_writes"]),
        "verdict": found.get("verdict", ""),
        "verify_seconds": round(sum(phase["seconds"] for phase in found.get("phases", ())), 1),
        "seconds": round(time.monotonic() - began, 1),
        "said": log.read_text(errors="replace")[-2000:],
    }


if __name__ == "__main__":
    sys.exit(main())
