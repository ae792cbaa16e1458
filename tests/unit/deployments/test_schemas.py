"""docs/schema is what other systems may rely on: as the code has it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.architecture import ROOT

FOLDER = ROOT / "docs" / "schema"


def test_the_schemas_are_current(tmp_path: Path) -> None:
    """Compare with the generated ones; if different: python docs/tools/schemas.py."""
    tool = str(ROOT / "docs" / "tools" / "schemas.py")

    subprocess.run([sys.executable, tool, str(tmp_path)], check=True, capture_output=True)

    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == made, "run: python docs/tools/schemas.py"


def test_plan_and_report_say_their_version() -> None:
    """A reader sees by it whether it knows what it reads."""
    for name in ("plan", "report"):
        schema = json.loads((FOLDER / f"{name}.json").read_text())

        assert schema["properties"]["schema_version"]["const"] == 1
