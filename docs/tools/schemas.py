"""Generate docs/schema from the flows' parameters and the models of plan, report and batch.

python docs/tools/schemas.py
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the repository, which is where docs is

from prefect.utilities.callables import parameter_schema
from prefect.utilities.importtools import import_object
from pydantic import BaseModel

from acr_relocate.core.batch.report import BatchReport
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.report import Report
from deployments.server.register import entries

FOLDER = Path(__file__).resolve().parents[1] / "schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def main(folder: Path) -> None:
    """Every file in the folder is current, and there are no others."""
    made = files()
    for stale in {path.name for path in folder.glob("*.json")} - made.keys():
        (folder / stale).unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")


def files() -> dict[str, str]:
    """Return every generated file with its content."""
    flows = [import_object(entrypoint) for entrypoint in {entry["entrypoint"] for entry in entries()}]
    parameters = {
        f"{flow.name}.parameters.json": _text(parameter_schema(flow).model_dump_for_openapi()) for flow in flows
    }
    return parameters | {"plan.json": _of(Plan), "report.json": _of(Report), "batch.json": _of(BatchReport)}


def _of(model: type[BaseModel]) -> str:
    return _text(model.model_json_schema(mode="serialization"))


def _text(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DIALECT} | schema, indent=1) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
