"""Every write of a run, from the embedded Azure's own books, so that no new step can be forgotten here."""

import difflib
import json
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from acr_relocate.core.registry.lease import LEASE_KIND
from local_azure.launcher import Emulator

RANDOM = re.compile(r"(?<=/blobs/uploads/)[0-9a-f-]+$|(?<=/acr-relocate-lease-[0-9a-f]{12}-)[0-9a-f]{12}$")
"""The ids of uploads and claims, which are others in each run."""


CLUSTERS = "/providers/Microsoft.ContainerService/managedClusters/"


class Step(NamedTuple):
    """A write as `METHOD PATH`, and which of several such writes it is."""

    write: str
    number: int = 1

    def __str__(self) -> str:
        """The facts that a person can tell apart."""
        return f"{self.write} ({self.number})"

    def refuse(self, emulator: Emulator) -> None:
        """It is refused the next time; all others are not."""
        emulator.arm_fault("stops-at-write", write=self.write, number=self.number)

    def stop(self, emulator: Emulator) -> None:
        """It has its effect the next time, is never answered, and nothing is written afterwards, as after a kill."""
        emulator.arm_fault("stops-at-write", write=self.write, number=self.number, after=1, onward=1)


def steps(emulator: Emulator) -> list[Step]:
    """Every write since the counters were reset, whatever it was answered."""
    stats: dict[str, Any] = emulator.stats()
    seen: Counter[str] = Counter()
    found = []
    for entry in [*stats["writes"], *stats["registry_writes"]]:
        write = RANDOM.sub("*", entry.rpartition(" ")[0].lower())
        seen[write] += 1
        found.append(Step(write, seen[write]))
    return found


def outlive_leases(emulator: Emulator) -> None:
    """Let Azure's books say that the claims of runs are old: the next run has not to wait until one has expired.

    How long a claim lives is tested elsewhere (tests/contract/test_registry_lease.py); a sweep stops many runs.
    """
    for one in emulator.resources("Microsoft.Resources/deployments"):
        if f"/acr-relocate-{LEASE_KIND}-" in one["id"]:
            long_ago = datetime.fromisoformat(one["properties"]["timestamp"]) - timedelta(hours=1)
            emulator.plant(one["id"], properties={"timestamp": f"{long_ago:%Y-%m-%dT%H:%M:%S.%f}0Z"})


def dump(emulator: Emulator, file: Path, but: str = "") -> str:
    """All that Azure holds: resources with what they hide, principals, providers, content.

    `but`: without the secrets of key vaults whose name begins so.
    """
    emulator.save(file)
    held = json.loads(file.read_text())
    held["resources"].sort(key=lambda one: str(one["id"]))
    for one in held["resources"]:
        if CLUSTERS in one["id"]:  # changed and restored: that it was changed later than before cannot be undone
            one.pop("changed")
        one["hidden"].pop("counts", None)  # of pulls and pushes: to read a registry is to pull
        if secrets := one["hidden"].pop("secrets", None):
            kept = {name: versions for name, versions in secrets.items() if not (but and name.startswith(but))}
            one["hidden"] |= {"secrets": kept} if kept else {}
    return json.dumps(held, indent=1, sort_keys=True)


def differing(before: str, after: str) -> list[str]:
    """The lines that are not the same, as many as can be read."""
    if before == after:
        return []
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line[:200] for line, _ in zip(lines, range(16), strict=False)]
