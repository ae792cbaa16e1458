"""Rehearsals in the tests: one with all that it can rehearse, and its traces."""

from typing import Any

from acr_relocate.core.report.report import Report
from local_azure.launcher import Emulator
from tests.service.conftest import FEW, SOURCE, Move, make_move
from tests.service.test_cut_over import NORTH_NETWORK, WEST_NETWORK

LOCK = f"{SOURCE}/providers/Microsoft.Authorization/locks/production"
SUBNETS = {f"{WEST_NETWORK}/{name}": f"{NORTH_NETWORK}/{name}" for name in ("apps", "endpoints")}


def move_to_rehearse(emulator: Emulator, **options: Any) -> Move:
    """A relocation of the demo with mapped subnets, and a lock on its source."""
    emulator.plant(LOCK, properties={"level": "CanNotDelete"})
    return make_move(emulator, (*FEW, "charts/*"), **({"subnets": SUBNETS} | options))


def told(report: Report) -> str:
    """All that the report says of what did not go as planned."""
    findings = (f"{one.code} {one.message} {one.remedy}" for one in report.findings)
    return "\n".join([*(str(one) for one in report.failures), *findings])
