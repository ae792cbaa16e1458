"""Rehearsals under each switch, lag, refusal and missing right: told as what it is, and all cleaned."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.core.access.required_actions import granted_by
from acr_relocate.core.report.verdicts import report_verdict
from local_azure.launcher import Emulator, running
from local_azure.state.settings import OWNER_CLIENT_ID, OWNER_SECRET, Switches
from tasks.rehearsal import find_rehearsals, remove_rehearsal
from tests.service.conftest import Move
from tests.service.test_faults import ALONE, PARAMETERS
from tests.service.test_rehearse import rehearse
from tests.support.role_holders import HERE, OPERATOR, become, hire
from tests.thorough.rehearsing import move_to_rehearse, told
from tests.thorough.steps import differing, dump

OWNER = {"AZURE_CLIENT_ID": OWNER_CLIENT_ID, "AZURE_CLIENT_SECRET": OWNER_SECRET}
TAKEN = "rehearsed: 18 steps taken, 0 refused"
NOT_MET = {"secret-being-deleted", "cluster-busy", "throttle-queries", "export-incomplete", "truncate-catalogue"}
"""Faults of vaults, clusters and the map of dependents, with which a rehearsal has nothing to do; and a catalogue that
shows the next time what else the source holds, about which a person is asked again."""
OTHERS = [
    (one.name, str(value))
    for one in fields(Switches)
    for value in get_args(get_type_hints(Switches)[one.name])
    if value != one.default
]


@pytest.fixture(scope="module", name="own_azure")
def _own_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Path]]:
    with running("demo") as emulator:
        emulator.save(file := tmp_path_factory.mktemp("rehearsed") / "state.json")
        yield emulator, file


@pytest.fixture(name="move")
def _move(own_azure: tuple[Emulator, Path], monkeypatch: pytest.MonkeyPatch) -> Move:
    emulator, file = own_azure
    for name, value in emulator.env.items():
        monkeypatch.setenv(name, value)
    emulator.load(file)
    return move_to_rehearse(emulator)


async def left_of(move: Move, before: str, file: Path) -> list[str]:
    """The difference that rehearsals have made to Azure's own books."""
    return differing(before, dump(move.emulator, file))


@pytest.mark.parametrize(("switch", "value"), OTHERS)
async def test_each_switch(switch: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It ends with all steps taken; where imports are refused by the network, with that for each of them."""
    with running("demo", switches={switch: value}) as emulator:
        for name, text in emulator.env.items():
            monkeypatch.setenv(name, text)
        move = move_to_rehearse(emulator)
        before = dump(emulator, tmp_path / "now.json")

        report = await rehearse(move)

        if value == "refused":
            assert {one.code for one in report.failures} == {"NetworkDenied"}
        else:
            assert report_verdict(report) == TAKEN
        assert await left_of(move, before, tmp_path / "now.json") == []


@pytest.mark.parametrize("fault", [one for one in ALONE if one not in NOT_MET])
async def test_each_lag(fault: str, move: Move, tmp_path: Path) -> None:
    """It goes away by itself: all steps are taken in spite of it."""
    before = dump(move.emulator, tmp_path / "now.json")
    move.emulator.arm_fault(fault, **PARAMETERS.get(fault, {}))

    report = await rehearse(move)

    assert move.emulator.faults()[fault]["applied"]
    assert report_verdict(report) == TAKEN
    move.emulator.clear_faults()
    assert await left_of(move, before, tmp_path / "now.json") == []


@pytest.mark.parametrize(
    ("fault", "parameters", "code", "where"),
    [
        ("policy-denies", {"type": "registries"}, "RequestDisallowedByPolicy", "make"),
        ("policy-denies", {"type": "registries/tokens"}, "RequestDisallowedByPolicy", "make"),
        ("policy-on-groups", {}, "RequestDisallowedByPolicy", "record"),
        ("region-refused", {"path": "-target"}, "RequestDisallowedByAzure", "record"),
        ("second-factor", {"path": "-target/"}, "RequestDisallowedByAzure", ""),
        ("deny-assignment", {"path": "/privateEndpoints/"}, "DenyAssignmentAuthorizationFailed", ""),
        ("deny-assignment", {"path": "/diagnosticSettings/"}, "DenyAssignmentAuthorizationFailed", ""),
        ("deny-assignment", {"path": "/locks/", "method": "PUT"}, "DenyAssignmentAuthorizationFailed", ""),
        ("deny-assignment", {"path": "importimage"}, "DenyAssignmentAuthorizationFailed", ""),
        ("not-offered", {"type": "registries", "location": "North Europe"}, "", "resource group"),
    ],
)
async def test_each_refusal(
    fault: str, parameters: dict[str, str], code: str, where: str, move: Move, tmp_path: Path
) -> None:
    """Azure's code is told, with a remedy; a refused endpoint, setting or lock does not end the rehearsal."""
    before = dump(move.emulator, tmp_path / "now.json")
    move.emulator.arm_fault(fault, times="always", **parameters)

    report = await rehearse(move)

    move.emulator.clear_faults()
    verdict = report_verdict(report)
    assert code in told(report)
    assert all(one.remedy for one in report.failures)
    assert verdict.startswith(f"rehearsal stopped: {where}" if where else "rehears")
    assert verdict != TAKEN
    for left in await find_rehearsals():
        await remove_rehearsal(left)
    assert await left_of(move, before, tmp_path / "now.json") == []


@pytest.mark.parametrize("action", [*sorted({*granted_by("rehearse")} - {*granted_by("plan")}), "none"])
async def test_each_missing_right(action: str, move: Move, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The action is named, or not needed here; with all of them nothing is refused. An owner cleans the rest."""
    async with connection() as azure:
        await hire(azure, "plan", HERE)
        await hire(azure, "rehearse", HERE, without=action)
    before = dump(move.emulator, tmp_path / "now.json")
    move.emulator.reset_stats()
    become(OPERATOR, monkeypatch)

    report = await rehearse(move)

    needed, said = action in move.emulator.stats()["needs"], told(report)
    named = action in said or (action.endswith("/push/write") and "AcrPush" in said)  # registries name roles
    become(OWNER, monkeypatch)
    assert named or not needed
    assert (report_verdict(report) == TAKEN) is not named
    for left in await find_rehearsals():
        await remove_rehearsal(left)
    assert await left_of(move, before, tmp_path / "now.json") == []
