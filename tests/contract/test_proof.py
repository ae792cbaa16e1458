"""`acr-relocate prove` and `verify --proof`, as a person and an auditor use them."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner, Result

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import connection
from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.resources import vault_keys
from acr_relocate.core.errors import AccessDenied
from acr_relocate.core.registry.inventory import MOVE_PROOF
from acr_relocate.core.removal.whole_copy import content_fingerprint, only_in
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import compare
from deployments.cli import app
from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, RegistryFactory
from tests.unit.verification.test_proof import key_pair

NUMBERS = itertools.count(9300)
VAULT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.KeyVault/vaults/signingvault"


def at_work(emulator: Emulator, work: Callable[[RegistryFactory], Awaitable[None]]) -> None:
    """Do something with registries, in an event loop of its own: a command has one as well."""

    async def run() -> None:
        async with connection() as azure:
            await work(RegistryFactory(azure, emulator, NUMBERS))

    asyncio.run(run())


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(name="move")
def _move(emulator: Emulator, tmp_path: Path) -> tuple[Path, RegistryRef]:
    """The request of a move that is done, and its target."""
    made: list[RegistryRef] = []

    async def push(factory: RegistryFactory) -> None:
        for _ in range(2):
            made.append(ref := await factory.registry())
            pushed = factory.pushed(ref)
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

    async def push(factory: RegistryFactory) -> None:
        await factory.pushed(target).image("team/app", "latest", text="two")

    at_work(emulator, push)
    different = called("verify", "--proof", proof, "--public-key", public, "--json")

    assert different.exit_code == 1
    assert [one["subject"] for one in json.loads(different.stdout)["differences"]] == ["latest"]


def test_nothing_is_signed_while_the_registries_differ(
    move: tuple[Path, RegistryRef], emulator: Emulator, tmp_path: Path
) -> None:
    (request, target), (own, _) = move, key_pair(tmp_path, "Ed25519")

    async def push(factory: RegistryFactory) -> None:
        await factory.pushed(target).image("team/app", "1", text="two")

    at_work(emulator, push)

    refused = called("prove", request, "--key", own, "--out", tmp_path / "proof.json")

    assert refused.exception is not None
    assert "are not equal: 1 difference" in str(refused.exception)
    assert not (tmp_path / "proof.json").exists()


@pytest.mark.parametrize("kind", [{"kty": "EC", "crv": "P-256"}, {"kty": "EC", "crv": "P-384"}, {"kty": "RSA"}])
def test_a_key_in_a_vault_signs_and_stays_there(
    move: tuple[Path, RegistryRef], emulator: Emulator, tmp_path: Path, kind: dict[str, str]
) -> None:
    """Anybody checks it with the public key alone."""
    policy = {"objectId": settings.OWNER_OBJECT_ID, "permissions": {"keys": ["create", "get", "sign"]}}
    properties = {"vaultUri": "https://signingvault.vault.azure.net/", "accessPolicies": [policy]}
    emulator.plant(VAULT, location="westeurope", properties=properties)
    request, proof, public = move[0], tmp_path / "proof.json", tmp_path / "move.pub"

    async def create(factory: RegistryFactory) -> None:
        azure = factory.azure
        options = {"headers": {"Authorization": f"Bearer {await azure.vault_token()}"}, "json": kind}
        path = "/keys/move/create?api-version=7.4"
        reply = await azure.vault("signingvault").send("POST", path, kind="writes", doing="Creating a key", **options)
        assert reply.status == 200
        key = await vault_keys.read_key(azure, "signingvault", "/keys/move")
        public.write_bytes(key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    at_work(emulator, create)

    proved = called("prove", request, "--key", "https://signingvault.vault.azure.net/keys/move", "--out", proof)
    equal = called("verify", "--proof", proof, "--public-key", public)

    assert (proved.exit_code, equal.exit_code) == (0, 0), proved.output + equal.output


@pytest.mark.parametrize("key", ["https://vault.example/keys/move", "https://signingvault.vault.azure.net/secrets/a"])
def test_a_key_elsewhere_is_refused_before_any_call(
    move: tuple[Path, RegistryRef], emulator: Emulator, tmp_path: Path, key: str
) -> None:
    """Our token goes to key vaults of the cloud, and nowhere else."""
    emulator.reset_stats()

    refused = called("prove", move[0], "--key", key, "--out", tmp_path / "proof.json")

    assert "is not the identifier of a key" in str(refused.exception)
    assert not emulator.stats()["planes"]


def test_a_proof_is_attached_to_each_moved_image_once(
    move: tuple[Path, RegistryRef], emulator: Emulator, tmp_path: Path
) -> None:
    """It refers to the image alone, holds what was signed, and is no difference; a second run writes nothing."""
    (request, target), (own, public) = move, key_pair(tmp_path, "Ed25519")
    proof, again = tmp_path / "proof.json", tmp_path / "again.json"
    held: list[dict[str, Any]] = []

    async def look(factory: RegistryFactory) -> None:
        plane = factory.plane(target)
        digest = await plane.head_digest("team/app", "1") or ""
        [found] = [one for one in await plane.referrers("team/app", digest) if one["artifactType"] == MOVE_PROOF]
        manifest = await plane.manifest("team/app", found["digest"]) or {}
        layer = manifest["layers"][0]
        held.append(json.loads(await plane.blob_part("team/app", layer["digest"], 0, layer["size"] - 1)))
        content = await list_content(plane, Selection())
        source = await list_content(factory.plane(RegistryRef.model_validate(asked["source"])), Selection())
        assert compare(source, content, Selection()) == ()
        assert content_fingerprint(content) == content_fingerprint(source)
        assert only_in(content, source) == ()

    asked = yaml.safe_load(request.read_text())
    attached = called("prove", request, "--key", own, "--out", proof, "--attach")
    at_work(emulator, look)
    emulator.reset_stats()
    second = called("prove", request, "--key", own, "--out", again, "--attach")
    equal = called("verify", "--proof", proof, "--public-key", public)

    assert "Attached:  to 1 of 1 moved image" in attached.stdout
    assert held == [json.loads(proof.read_text())]
    assert "Attached:  to 0 of 1 moved image" in second.stdout
    assert emulator.stats()["writes"] == []
    assert equal.exit_code == 0


def test_without_the_right_to_push_the_statement_is_in_its_file(
    move: tuple[Path, RegistryRef], emulator: Emulator, tmp_path: Path
) -> None:
    """The refusal says what is missing; attaching again completes."""
    (request, _), (own, _) = move, key_pair(tmp_path, "Ed25519")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DataPlane, "put_manifest", refuse)
        refused = called("prove", request, "--key", own, "--out", tmp_path / "proof.json", "--attach")
    completed = called("prove", request, "--key", own, "--out", tmp_path / "again.json", "--attach")

    assert (tmp_path / "proof.json").exists()
    assert isinstance(refused.exception, AccessDenied)
    assert "assign AcrPush at the target" in refused.exception.remedy
    assert "Attached:  to 1 of 1 moved image" in completed.stdout


async def refuse(*_: object) -> None:
    raise AccessDenied("no right to push")
