"""The lifelike registry and a small one, which move into one target."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acr_relocate.azure.client.session import connection
from acr_relocate.core.registry.resource_ids import registry_id
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from local_azure.launcher import Emulator
from tests.contract.registry_factory import Pusher
from tests.service.conftest import NUMBERS, SUBSCRIPTION, Move
from tests.service.syncing import GROUP, make_registry
from tests.thorough.steps import dump

FIRST = "contosoregistry"
LOCKED = "locked"
DECIDED = dict.fromkeys(
    ("sku", "anonymousPullEnabled", "adminUserEnabled", "networkRuleSet", "publicNetworkAccess"), FIRST
) | {"policies.retentionPolicy": FIRST}
"""The clashes of the two that open a registry or delete from it."""


@dataclass
class Merge:
    """Two sources of one target, by their moves: the first, then the second."""

    emulator: Emulator
    moves: tuple[Move, Move]

    def below(self, prefix: str) -> dict[str, Any]:
        """The repositories of the target below a prefix, from the emulator's own books."""
        held = self.emulator.content(self.moves[0].request.target.name)["repositories"]
        return {name: one for name, one in held.items() if name.startswith(f"{prefix}/")}

    def dump(self, folder: Path) -> str:
        """All that Azure holds."""
        return dump(self.emulator, folder / "now")


async def merge(emulator: Emulator, *repositories: str, **decisions: str) -> Merge:
    """Both, before anything is moved; of the first these repositories."""
    number = next(NUMBERS)
    second = f"merged{number:04}west"
    path = registry_id(SUBSCRIPTION, GROUP, second)
    async with connection() as azure:
        await make_registry(azure, second)
        plane = azure.data_plane(f"{second}.azurecr.io")
        for tag in ("v1", "v2", LOCKED):
            await Pusher(plane).image("app", tag, text=f"{second} {tag}")
        scope = {"actions": ["repositories/app/content/read"]}
        await azure.arm.put(f"{path}/scopeMaps/app-readers", "2025-11-01", {"properties": scope}, doing="Making it")
    sources = [
        {
            "registry": {"name": FIRST, "subscription_id": SUBSCRIPTION, "resource_group": "contoso-west"},
            "prefix": "one",
        },
        {"registry": {"name": second, "subscription_id": SUBSCRIPTION, "resource_group": GROUP}, "prefix": "two"},
    ]
    target = {"resource_group": f"merged-{number}", "name": f"merged{number:04}", "location": "northeurope"}
    return Merge(
        emulator,
        (
            Move(emulator, _request(sources, 0, target, decisions, {"repositories": list(repositories)})),
            Move(emulator, _request(sources, 1, target, decisions, {})),
        ),
    )


def _request(
    sources: list[dict[str, Any]], number: int, target: dict[str, str], decisions: dict[str, str], selection: Any
) -> RelocationRequest:
    fields = {"source": sources[number]["registry"], "target": target, "selection": selection}
    return parse_request({**fields, "consolidation": {"sources": sources, "decisions": decisions}})
