"""The pages about the embedded Azure say what it knows and what is unlike, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from acr_relocate.core.registry.resource_properties import PROPERTIES
from local_azure.registry_types import schema

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = {"S": "2025-11-01", "P": "2026-03-01-preview", "T": "2025-03-01-preview"}


@pytest.mark.parametrize(
    ("tool", "page"), [("emulator_coverage", "emulator-coverage"), ("differences", "differences-from-azure")]
)
def test_the_page_is_current(tool: str, page: str) -> None:
    """Written again it is the same; if not: python docs/tools/TOOL.py > docs/PAGE.md."""
    command = [sys.executable, str(ROOT / "docs" / "tools" / f"{tool}.py")]

    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert (ROOT / "docs" / f"{page}.md").read_text() == made


def test_both_tables_of_properties_agree() -> None:
    """The relocation's and the emulator's are of the same definitions: each property, its versions and its flag."""
    for line in PROPERTIES.splitlines():
        kind, path, flags, versions = line.split(" ")
        node = schema.tree("registries" if kind == "registries" else f"registries/{kind}")
        for step in path.split("."):
            child = node.child(step)
            assert child, line
            node = child
        assert {VERSIONS[letter] for letter in versions} <= node.versions, line
        assert ("r" in flags) == ("r" in node.flags), line
