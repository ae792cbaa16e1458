"""How many importImage calls a registry of real shape costs: one for each missing root manifest, not for each tag.

The catalogue of the Docker Official Images (137 repositories) becomes a registry of the embedded Azure; `acr-relocate
sync` copies it into an empty one. The article's loop makes one call for each tag; the emulator counts ours.

    python -m benchmarks.calls [--seed FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.article import CATALOGUE, GROUP, LOCATION, tags
from local_azure.launcher import running

BIN = Path(sys.executable).parent


def main() -> int:
    """Copy the catalogue and print the calls; 0 when both registries hold the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default=str(CATALOGUE), help="a catalogue as JSON")
    seed = parser.parse_args().seed
    with tempfile.TemporaryDirectory() as folder, running(seed=seed) as azure:
        request = Path(folder) / "request.json"
        target = {"resource_group": GROUP, "name": "callstarget", "location": LOCATION}
        source = {
            "subscription_id": azure.env["AZURE_SUBSCRIPTION_ID"],
            "resource_group": "contoso-west",
            "name": "contosoregistry",
        }
        request.write_text(json.dumps({"source": source, "target": target}))
        started = time.monotonic()
        command = [str(BIN / "acr-relocate"), "run", str(request)]
        environment = {**os.environ, **azure.env}
        subprocess.run(command, env=environment, check=True, stdout=sys.stderr)
        seconds = time.monotonic() - started
        calls, script = azure.stats()["imports"], tags(azure, "contosoregistry")
        same = azure.content("contosoregistry") == azure.content("callstarget")
    result = {"imports": calls, "tags": script, "fewer": round(script / calls, 2), "seconds": round(seconds, 1)}
    print(json.dumps(result | {"same_content": same}, indent=2))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
