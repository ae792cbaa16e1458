"""Write docs/differences-from-azure.md: what is unlike the real Azure, from what the embedded one is set to.

python docs/tools/differences.py > docs/differences-from-azure.md
"""

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the repository, which is where docs is

from local_azure.arm.access import CONDITIONS_SINCE
from local_azure.export.routes import OPERATION_SINCE
from local_azure.network.dns import RESOLUTION_SINCE
from local_azure.network.private_endpoints import STATIC_SINCE
from local_azure.network.virtual_networks import POLICIES_DISABLED_SINCE, POLICIES_SINCE, VM_PROTECTION_UNTIL
from local_azure.registry.imports import EMPTY_SINCE
from local_azure.registry_types.access_tokens import DOCUMENTED_AS_OPERATIONS
from local_azure.registry_types.common import LAST_WITHOUT_AUTHOR
from local_azure.registry_types.registries import SYNCHRONOUS_SINCE, SYNCHRONOUS_UNTIL
from local_azure.registry_types.replications import DOCUMENTED_AT_ONCE_SINCE
from local_azure.services import alerts, event_grid, light_types
from local_azure.state.import_pace import ImportPace
from local_azure.state.settings import Switches

RECORDED = Path(__file__).resolve().parents[2] / "tests" / "emulator" / "recorded"
PAGE = Path(__file__).with_name("differences.template").read_text(encoding="utf-8")
UNITS = {"seconds": ("import-seconds", "s"), "rate": ("import-rate", "MB/s"), "registry_cap": ("registry-cap", "MB/s")}


def main() -> None:
    """Print the page."""
    unlike = json.loads((RECORDED / "unlike.json").read_text(encoding="utf-8"))
    recorded = sum(len(json.loads(path.read_text(encoding="utf-8"))) for path in RECORDED.glob("*.json")) - len(unlike)
    pace = ImportPace()
    print(
        PAGE.format(
            count=recorded,
            same=recorded - len(unlike),
            unlike="\n".join(f"| `{name}` | {why} |" for name, why in unlike.items()),
            synchronous=SYNCHRONOUS_SINCE,
            until=SYNCHRONOUS_UNTIL,
            replica=DOCUMENTED_AT_ONCE_SINCE,
            authors=LAST_WITHOUT_AUTHOR,
            empty=EMPTY_SINCE,
            documented=DOCUMENTED_AS_OPERATIONS,
            policies=POLICIES_DISABLED_SINCE,
            any_policies=POLICIES_SINCE,
            protection=VM_PROTECTION_UNTIL,
            static=STATIC_SINCE,
            resolution=RESOLUTION_SINCE,
            vaults=light_types.AUTHORS_SINCE,
            reach=light_types.REACH_SINCE,
            rules=alerts.AUTHORS_SINCE,
            topics=event_grid.AUTHORS_SINCE,
            conditions=CONDITIONS_SINCE,
            export=OPERATION_SINCE,
            hubs="; ".join(f"`{since}`: `{name}`" for since, name in reversed(alerts.EVENT_HUBS)),
            assumed="\n".join(_range(name, getattr(pace, name)) for name in UNITS),
            switches="\n".join(_switches()),
        ),
        end="",
    )


def _range(name: str, values: tuple[float, float]) -> str:
    option, unit = UNITS[name]
    return f"| `--{option}` | {values[0]:g} to {values[1]:g} {unit} |"


def _switches() -> list[str]:
    kinds = get_type_hints(Switches)
    values = {one.name: ", ".join(f"`{value}`" for value in get_args(kinds[one.name])) for one in fields(Switches)}
    return [f"| `{one.name}` | {values[one.name]} | {one.metadata['question']} |" for one in fields(Switches)]


if __name__ == "__main__":
    main()
