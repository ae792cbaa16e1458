"""Take out each step of the table of the article in turn: its test has to fail, and to pass with the step in.

make test-mutation             # all rows, with one Prefect server after the other: 25 minutes on two cores
make test-mutation ROW=Verify  # the rows whose name has this
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.mutation.remove_step import INSTEAD, VARIABLE
from tests.mutation.table import ROWS, Step

ROOT = Path(__file__).parents[2]
PASSED, FAILED = 0, 1
"""Exit statuses of pytest; all others say that nothing was tested."""


def main(wanted: str = "") -> int:
    """Say of each row whether its tests see that a step is missing; the exit status is 1 if one does not."""
    rows = {row: steps for row, steps in ROWS.items() if wanted.lower() in row.lower()}
    tests = sorted({step.test for steps in rows.values() for step in steps})
    if run(*tests).returncode != PASSED:
        print("With all steps in, a test fails or is not there: see it first.", *tests, sep="\n  ")
        return 1
    print("| row | taken out | the test that has to fail | it did | seconds |\n|---|---|---|---|---|")
    unseen = [step.code for row, steps in rows.items() for step in steps if not is_seen(row, step)]
    print(f"{len(rows)} rows, {sum(map(len, rows.values()))} steps; not seen when taken out: {unseen or 'none'}")
    return 1 if unseen else 0


def is_seen(row: str, step: Step) -> bool:
    """Whether the step's test itself fails, and not merely what comes before it, once the step is taken out."""
    began = time.monotonic()
    done = run(step.test, without=step)
    seen = done.returncode == FAILED and f"FAILED {step.test}" in done.stdout
    told = (row, step.code, step.test, "yes" if seen else "NO", f"{time.monotonic() - began:.0f}")
    print(f"| {' | '.join(told)} |", flush=True)
    if not seen:
        print(done.stdout[-3000:], done.stderr[-2000:])
    return seen


def run(*tests: str, without: Step | None = None) -> subprocess.CompletedProcess[str]:
    """Pytest, with the tests, and without the step."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutation.remove_step", "--tb=short", *tests]
    taken_out = {VARIABLE: without.code, INSTEAD: without.instead} if without else {}
    return subprocess.run(command, cwd=ROOT, env=os.environ | taken_out, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
