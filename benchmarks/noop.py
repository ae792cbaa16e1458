"""A re-run with nothing to do: no write, and reads by the page instead of by the tag.

A registry is copied once; then it is copied again, by `acr-relocate sync` and by `skopeo sync`, which look at the same
two registries of the same embedded Azure one after the other. Counted are the requests that each makes, whatever its
kind, and the seconds from start to end of its process. regsync is a model: a HEAD of each tag at both sides, and the
pages of its listings.

    make bench-noop                                     10,000 tags
    python -m benchmarks.noop --images 40 --tags 5      200 tags
"""

import argparse
import json
import math
import subprocess
import sys
import time
from typing import Any

from benchmarks.stage import SOURCE, Run, Stage, stage, synthetic

TARGET = "nooptarget"
PER_REPOSITORY = 100
PAGE = 100
"""Requests that regsync makes at once, and Azure's default budget for them."""


def main() -> int:
    """Copy, copy again with each, and print the figures; 0 if ours wrote nothing and asked a tenth or less."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--tags", type=int, default=5, help="of each image")
    options = parser.parse_args()
    catalogue = synthetic(options.images, options.tags, per_repository=PER_REPOSITORY)
    with stage(catalogue, profile="instant") as place:
        request = str(place.target(TARGET))
        Run(["sync", request], place.environment).wait()
        place.azure.reset_stats()
        ours = Run(["sync", request], place.environment).wait()
        stats = place.azure.stats()
        skopeo = sync_with_skopeo(place, list(catalogue["repositories"]))
    asked, tags = sum(stats["planes"].values()), options.images * options.tags
    regsync = 2 * tags + 2 * len(catalogue["repositories"]) * math.ceil(tags / len(catalogue["repositories"]) / PAGE)
    result = {
        "tags": tags,
        "ours": {"requests": asked, "by_plane": stats["planes"], "seconds": round(ours.seconds, 1)},
        "writes": [*stats["writes"], *stats["registry_writes"]],
        "skopeo": skopeo,
        "regsync_model": {"requests": regsync},
        "fewer_than_skopeo": round(skopeo["requests"] / asked, 1),
        "fewer_than_regsync": round(regsync / asked, 1),
    }
    print(json.dumps(result, indent=2))
    return 0 if ours.exit == 0 and not result["writes"] and min(skopeo["requests"], regsync) >= 10 * asked else 1


def sync_with_skopeo(place: Stage, repositories: list[str]) -> dict[str, Any]:
    """Return the requests and the time of `skopeo sync`, repository by repository, as its command line wants it."""
    credentials = f"{place.environment['AZURE_CLIENT_ID']}:{place.environment['AZURE_CLIENT_SECRET']}"
    options = ["--all", "--src", "docker", "--dest", "docker", "--src-creds", credentials, "--dest-creds", credentials]
    place.azure.reset_stats()
    began = time.monotonic()
    for name in repositories:
        folder = name.rpartition("/")[0]
        ends = [f"{SOURCE}.azurecr.io/{name}", f"{TARGET}.azurecr.io/{folder}"]
        subprocess.run(["skopeo", "sync", *options, *ends], env=place.environment, check=True, capture_output=True)
    planes = place.azure.stats()["planes"]
    return {"requests": sum(planes.values()), "seconds": round(time.monotonic() - began, 1)}


if __name__ == "__main__":
    sys.exit(main())
