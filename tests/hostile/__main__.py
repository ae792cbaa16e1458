"""`python -m tests.hostile --minutes 30 [--seed N]`: the hostile play; exit status 0 if nothing was violated.

The seed is printed: with it and the same steps the same is played, as far as the machine is as fast.
"""

import argparse
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")

from local_azure.launcher import running
from tests.hostile.machine import machine
from tests.hostile.play import Play


def main() -> int:
    """Play, and tell the figures as the last line."""
    parser = argparse.ArgumentParser(prog="tests.hostile", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    end = time.monotonic() + 60 * asked.minutes
    with tempfile.TemporaryDirectory(prefix="hostile-") as name, running("demo") as emulator:
        folder = Path(name)
        with machine("A", folder, emulator) as first, machine("B", folder, emulator) as second:
            figures = Play(emulator, (first, second), folder, seed, lambda line: print(line, flush=True)).until(end)
    print(figures.told())
    return 1 if figures.violations else 0


if __name__ == "__main__":
    sys.exit(main())
