"""How close the imports of a registry of real shape come to the limit that Azure Resource Manager sets.

The catalogue of the Docker Official Images (9,849 tags of 2,121 images), the realistic profile: ARM's token buckets
(200 writes at once, 10 a second after that), `Retry-After: 10`, imports of 0.2 to 10 s. The bound is
max((writes - 200) / 10 s, one import); the figure is from the first import that Azure accepts to the last that it
reports as ended, by the embedded Azure's own clock.

Beside it, against the same emulator and for a limited time each, models of how others copy a registry: the article's
loop, and the two ways of Azure's own tools (benchmarks/models.py); what they have by then is told as seconds a tag.

    make bench-makespan                           the whole catalogue: twelve minutes
    python -m benchmarks.makespan --images 600    a sample of it: how late Azure tells of the last imports, which is
                                                  every ten seconds, is then a large part of the whole
"""

import argparse
import json
import subprocess
import sys
import time

from benchmarks.models import MODELS
from benchmarks.stage import REFILL_SECONDS, SOURCE, Run, Stage, bound, part_of_catalogue, stage

MOST = 1.10
HANDFUL = 5


def main() -> int:
    """Measure them all and print the figures; 0 if ours is within its limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=0, help="so many of the catalogue; 0: all")
    parser.add_argument("--seconds", type=float, default=100, help="how long each model runs; 0: none")
    options = parser.parse_args()
    with stage(part_of_catalogue(options.images)) as place:
        ours = measure(place)
        models = [model(place, name, options.seconds) for name in MODELS if options.seconds]
    print(json.dumps({"ours": ours, "models": models}, indent=2))
    return 0 if ours["same_content"] and ours["ratio"] <= MOST and ours["throttled"] <= HANDFUL else 1


def measure(place: Stage) -> dict[str, object]:
    """One `acr-relocate sync` of the whole source."""
    request = place.target("oursregistry")
    place.azure.reset_stats()
    run = Run(["sync", str(request)], place.environment).wait()
    stats = place.azure.stats()
    tags = sum(len(one["tags"]) for one in place.azure.content(SOURCE)["repositories"].values())
    least = bound(stats["imports"])
    return {
        "imports": stats["imports"],
        "tags": tags,
        "bound_seconds": least,
        "seconds": round(stats["import_seconds"], 1),
        "ratio": round(stats["import_seconds"] / least, 3),
        "seconds_per_tag": round(stats["import_seconds"] / tags, 4),
        "throttled": stats["throttled"],
        "arm_reads_per_import": round(stats["arm_reads"] / max(stats["imports"], 1), 2),
        "whole_command_seconds": round(run.seconds, 1),
        "worker_cpu_seconds": run.cpu_seconds,
        "worker_peak_mib": run.peak_mib,
        "same_content": place.same("oursregistry"),
    }


def model(place: Stage, name: str, seconds: float) -> dict[str, object]:
    """One model, for so long."""
    time.sleep(REFILL_SECONDS)
    target = f"{name}registry"
    place.target(target)
    place.azure.reset_stats()
    command = [sys.executable, "-m", "benchmarks.models", name, target, str(seconds)]
    said = subprocess.run(command, env=place.environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    figures = json.loads(said)
    held = place.azure.content(target)["repositories"]
    tags = sum(len(one["tags"]) for one in held.values())
    stats = place.azure.stats()
    figures |= {"tags": tags, "imports": stats["imports"], "throttled": stats["throttled"]}
    return figures | {"seconds_per_tag": round(figures["seconds"] / max(tags, 1), 4)}


if __name__ == "__main__":
    sys.exit(main())
