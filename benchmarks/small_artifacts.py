"""Savings of pushing missing tags and small artifacts beside the imports, on registries of two real shapes.

`dotnet`: the images of .NET, whose platforms have tags of their own (github.com/dotnet/dotnet-docker, manifest.json).
The bound is what Azure Resource Manager admits if all is imported; beside it, in the same run, `import` itself.

`signed`: the Docker Official Images, each with a signature and an SBOM as referrers. The optimum is that of a stated
model: imports 200 at once and 10 a second, writes at the registry 2,000 at once and 33 a second, three for a referrer,
and the split that ends soonest. Beside it the bound of all as imports, which is not run: it takes ten minutes.

The realistic profile; times by the emulator's clock, from the first accepted call to the last.

    make bench-small-artifacts                                      8 minutes
    python -m benchmarks.small_artifacts --only signed --images 600    part of it
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.stage import (
    LAYER,
    REFILL_SECONDS,
    SIGNATURE,
    SOURCE,
    Run,
    Stage,
    bound,
    part_of_catalogue,
    registry_writes,
    stage,
)

DOTNET = Path(__file__).parent / "catalogues" / "dotnet.json"
DOTNET_MOST, SIGNED_MOST, SIGNED_HALF = 0.35, 1.15, 0.5
SECONDS_A_TAG = 0.27  # recorded of Microsoft's own tool (dotnet/docker-tools#2141)
WRITES_AT_ONCE, WRITES_A_SECOND, WRITES_OF_A_REFERRER = 2_000, 2_000 / 60, 3
SBOM = {"type": "application/vnd.cyclonedx+json", "size": 90_000}


def main() -> int:
    """Measure and print the figures; 0 if they are within the limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["dotnet", "signed"], help="one of the two")
    parser.add_argument("--images", type=int, default=0, help="of the signed ones; 0: all")
    options = parser.parse_args()
    figures: dict[str, dict[str, Any]] = {}
    if options.only != "signed":
        figures["dotnet"] = dotnet()
    if options.only != "dotnet":
        figures["signed"] = signed(options.images)
    print(json.dumps(figures, indent=2))
    return 0 if all(one["within"] for one in figures.values()) else 1


def dotnet() -> dict[str, Any]:
    """Both ways, one after the other."""
    catalogue = json.loads(DOTNET.read_text())
    for found in catalogue["repositories"].values():
        for image in found:
            image["layers"] = [LAYER]
    with stage(catalogue) as place:
        imported = measure(place, "import")
        time.sleep(REFILL_SECONDS)
        pushed = measure(place, "push")
        tags = sum(len(one["tags"]) for one in place.azure.content(SOURCE)["repositories"].values())
    least = bound(imported["imports"])
    ratio = round(pushed["seconds"] / least, 3)
    return {
        "tags": tags,
        "bound_of_imports": least,
        "import": imported,
        "push": pushed,
        "ratio": ratio,
        "microsofts_tool_seconds": round(SECONDS_A_TAG * tags, 1),
        "within": ratio <= DOTNET_MOST and good(imported) and good(pushed),
    }


def signed(images: int) -> dict[str, Any]:
    """By pushes and imports together."""
    catalogue = part_of_catalogue(images)
    for found in catalogue["repositories"].values():
        for image in found:
            image |= {"referrers": [SIGNATURE, SBOM], "layers": [LAYER]}
    count = sum(map(len, catalogue["repositories"].values()))
    with stage(catalogue) as place:
        pushed = measure(place, "push")
    best, all_imports = optimum(count, 2 * count), bound(3 * count)
    ratio, half = round(pushed["seconds"] / best, 3), round(pushed["seconds"] / all_imports, 3)
    return {
        "images": count,
        "push": pushed,
        "optimum": round(best, 1),
        "ratio": ratio,
        "bound_of_imports": all_imports,
        "beside_all_as_imports": half,
        "within": ratio <= SIGNED_MOST and half <= SIGNED_HALF and good(pushed),
    }


def measure(place: Stage, way: str) -> dict[str, Any]:
    """One `acr-relocate sync` of the whole source."""
    name = f"{way}target"
    request = place.target(name, small_artifacts=way)
    place.azure.reset_stats()
    run = Run(["sync", str(request)], place.environment).wait()
    stats = place.azure.stats()
    return {
        "imports": stats["imports"],
        "registry_writes": registry_writes(stats),
        "data_plane_calls": stats["planes"].get("registry", 0),
        "seconds": round(stats["content_seconds"], 1),
        "throttled": stats["throttled"],
        "whole_command_seconds": round(run.seconds, 1),
        "worker_cpu_seconds": run.cpu_seconds,
        "worker_peak_mib": run.peak_mib,
        "same_content": place.same(name),
    }


def good(figures: dict[str, Any]) -> bool:
    """Whether nothing was refused, and all arrived."""
    return bool(figures["same_content"]) and not figures["throttled"]


def optimum(images: int, referrers: int) -> float:
    """The least seconds of the model, over all splits."""
    return min(
        max(bound(images + referrers - pushed), push_bound(WRITES_OF_A_REFERRER * pushed))
        for pushed in range(referrers + 1)
    )


def push_bound(writes: int) -> float:
    """The least seconds in which a registry takes so many writes."""
    return max(0.0, (writes - WRITES_AT_ONCE) / WRITES_A_SECOND)


if __name__ == "__main__":
    sys.exit(main())
