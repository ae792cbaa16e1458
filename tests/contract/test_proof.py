"""`acr-relocate prove` and `verify --proof`, as a person and an auditor use them."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from acr_relocate.azure.client.session import connection
from acr_relocate.core.request.relocation import RegistryRef
from deployments.cli import app
from local_azure.launcher import Emulator
from tests.contract.registry_factory import Workshop
from tests.unit.verification.test_proof import key_pair

NUMBERS = itertools.count(9300)


def at_work(emulator: Emulator, work: Callable[[Workshop], Awaitable[None]]) -> None:
    """Do something with registries, in an event loop of its own: a command has one as well."""

    async def run() -> None:
        async with connection() as azure:
            await work(Workshop(azure, emulator, NUMBERS))

    asyncio.run(run())


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(name="move")
def _move(emulator: Emulator, tmp_path: Path) -> tuple[Path, RegistryRef]:
    """The request of a move that is done, and its target."""
    made: list[RegistryRef] = []

    async def push(workshop: Workshop) -> None:
        for _ in range(2):
            made.append(ref := await workshop.registry())
            pushed = workshop.pushed(ref)
            await pushed.referrer("team/app", await pushed.image("team/app", "1", "latest", text="one"))

    at_work(emulator, push)
    source, target = made
    place = {"subscription_id": source.subscription_id, "resource_group": source.resource_group}
    request = tmp_path / "request.yaml"
    request.write_text(
        yaml.safe_dump(
            {
                "source": place | {"name": source.name},
                "target": place | {"name": target.name, "location": "northeurope"},
            }
        )
    )
    return request, target


def test_a_proof_holds_until_the_target_changes(
    move: tuple[Path, RegistryRef], emulator: Emulator, tmp_path: Path
) -> None:
    """It is a private file, signed; a moved tag is named afterwards, and the status says so."""
    (request, target), (own, public) = move, key_pair(tmp_path, "Ed25519")
    proof = tmp_path / "proof.json"
    emulator.reset_stats()

    proved = called("prove", request, "--key", own, "--out", proof)
    equal = called("verify", "--proof", proof, "--public-key", public)

    assert (proved.exit_code, equal.exit_code) == (0, 0), proved.output + equal.output
    assert proved.stdout.endswith(f"proved: 2 manifests and 2 tags at {target.name}.azurecr.io\n")
    assert equal.stdout.endswith(f"equal: 2 manifests and 2 tags at {target.name}.azurecr.io\n")
    assert proof.stat().st_mode & 0o777 == 0o600
    assert not emulator.stats()["writes"]

    async def push(workshop: Workshop) -> None:
        await workshop.pushed(target).image("team/app", "latest", text="two")

    at_work(emulator, push)
    different = called("verify", "--proof", proof, "--public-key", public, "--json")

    assert different.exit_code == 1
    assert [one["subject"] for one in json.loads(different.stdout)["differences"]] == ["latest"]


def test_nothing_is_signed_while_the_registries_differ(
    move: tuple[Path, RegistryRef], emulator: Emulator, tmp_path: Path
) -> None:
    (request, target), (own, _) = move, key_pair(tmp_path, "Ed25519")

    async def push(workshop: Workshop) -> None:
        await workshop.pushed(target).image("team/app", "1", text="two")

    at_work(emulator, push)

    refused = called("prove", request, "--key", own, "--out", tmp_path / "proof.json")

    assert refused.exception is not None
    assert "are not equal: 1 difference" in str(refused.exception)
    assert not (tmp_path / "proof.json").exists()
