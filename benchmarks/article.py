"""The article's loop with the real az, and `acr-relocate sync`, one after the other against the same embedded Azure.

Both copy from the same source in the realistic profile (ARM's token buckets, `Retry-After: 10`, imports of 0.2 to
10 s). The loop gets a time limit and is charged only for the tags that arrived; the sync copies everything and is
charged from the start of its process to the end, its Prefect server included. The figure is seconds a tag; the result
is their ratio.

    make bench                                  the catalogue of the Docker Official Images: 9,849 tags
    python -m benchmarks.article --seed demo    the lifelike demo registry, or any other catalogue
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from local_azure.launcher import Emulator, running

ROOT = Path(__file__).parent.parent
CATALOGUE = Path(__file__).parent / "catalogues" / "docker-official-images.json"
AZ = ROOT / ".clients" / "az" / "bin"
LOOP_TARGET, SYNC_TARGET = "looptarget", "synctarget"
GROUP, LOCATION = "bench-north", "northeurope"


def main() -> int:
    """Run both sides and print the ratio; 0 when the sync copied everything."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder, running(seed=options.seed, profile="realistic") as azure:
        environment = {
            **os.environ, **azure.env,
            "PATH": f"{AZ}{os.pathsep}{os.environ['PATH']}", "AZURE_CONFIG_DIR": f"{folder}/az",
            "SOURCE_REG": options.source, "TARGET_REG": LOOP_TARGET,
        }  # fmt: skip
        prepare(environment)
        loop = measure_loop(options.loop, options.seconds, environment, azure)
        sync = measure_sync(options, Path(folder), environment, azure)
    ratio = loop["seconds_per_tag"] / sync["seconds_per_tag"]
    print(json.dumps({"loop": loop, "sync": sync, "ratio": round(ratio, 1)}, indent=2))
    return 0 if sync["tags"] == sync["source_tags"] else 1


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default=str(CATALOGUE), help="registry to start from: demo, or a catalogue as JSON")
    parser.add_argument("--source", default="contosoregistry", help="name of the source registry of the seed")
    parser.add_argument("--group", default="contoso-west", help="resource group of the source registry")
    parser.add_argument("--seconds", type=float, default=90, help="how long the loop may run")
    parser.add_argument("--loop", type=Path, default=Path(__file__).parent / "article_loop.sh", help="the loop to run")
    return parser.parse_args()


def prepare(environment: dict[str, str]) -> None:
    """Two empty targets exist and az is signed in; nothing of this is timed."""
    az = [str(AZ / "az")]
    identity = environment["AZURE_CLIENT_ID"], environment["AZURE_CLIENT_SECRET"], environment["AZURE_TENANT_ID"]
    login = [
        "login",
        "--service-principal",
        "--username",
        identity[0],
        "--password",
        identity[1],
        "--tenant",
        identity[2],
    ]
    create = [
        ["acr", "create", "--name", name, "--resource-group", GROUP, "--sku", "Premium"]
        for name in (LOOP_TARGET, SYNC_TARGET)
    ]
    for command in (login, ["group", "create", "--name", GROUP, "--location", LOCATION], *create):
        subprocess.run(az + command, env=environment, check=True, stdout=subprocess.DEVNULL)


def measure_loop(loop: Path, seconds: float, environment: dict[str, str], azure: Emulator) -> dict[str, Any]:
    """Run the loop for a while; the tags that arrived."""
    started = time.monotonic()
    process = subprocess.Popen(
        ["bash", str(loop)],
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
    return figures(time.monotonic() - started, azure, LOOP_TARGET)


def measure_sync(
    options: argparse.Namespace, folder: Path, environment: dict[str, str], azure: Emulator
) -> dict[str, Any]:
    """Run `acr-relocate sync` to its end; the tags that arrived."""
    request = folder / "request.json"
    request.write_text(json.dumps({
        "source": {
            "subscription_id": environment["AZURE_SUBSCRIPTION_ID"],
            "resource_group": options.group,
            "name": options.source,
        },
        "target": {"resource_group": GROUP, "name": SYNC_TARGET, "location": LOCATION},
    }))  # fmt: skip
    azure.reset_stats()
    started = time.monotonic()
    command = [str(Path(sys.executable).parent / "acr-relocate"), "sync", str(request)]
    subprocess.run(command, env=environment, check=True, stdout=sys.stderr)
    result = figures(time.monotonic() - started, azure, SYNC_TARGET)
    return result | {"imports": azure.stats()["imports"], "source_tags": tags(azure, options.source)}


def figures(seconds: float, azure: Emulator, target: str) -> dict[str, Any]:
    """Seconds, tags that the target holds, and seconds a tag."""
    count = tags(azure, target)
    return {"seconds": round(seconds, 1), "tags": count, "seconds_per_tag": round(seconds / max(count, 1), 4)}


def tags(azure: Emulator, registry: str) -> int:
    """How many tags a registry of the embedded Azure holds, asked of the emulator itself."""
    return sum(len(content["tags"]) for content in azure.content(registry)["repositories"].values())


if __name__ == "__main__":
    sys.exit(main())
