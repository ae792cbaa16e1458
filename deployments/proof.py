"""`acr-relocate prove` and `verify --proof`: a signed statement of a move, and the check of one.

Needs only Azure: no Prefect server is started or asked.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from securesystemslib.signer import Signature, SSlibKey

from acr_relocate.azure.client.session import AzureConnection, CloudSettings, connection
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.content.attach import attach_proof
from acr_relocate.azure.content.listing import list_content
from acr_relocate.azure.content.pull_log import mark_pulls
from acr_relocate.azure.content.target_names import read_target_names
from acr_relocate.azure.discovery import find_registry
from acr_relocate.azure.resources import registries, vault_keys
from acr_relocate.core.checks.pending import pending_findings
from acr_relocate.core.errors import InvalidRequest, NotRelocated
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import Difference, RegistrySnapshot, SnapshotPair, compare, unclean
from acr_relocate.core.verification.attached_proof import MovedImage, images_of_move
from acr_relocate.core.verification.proof import PAYLOAD_TYPE, MoveStatement, compare_with_proof, state_move
from acr_relocate.core.wording import plural
from acr_relocate.files.signed_statements import bytes_to_sign, enclose
from tasks.runs.restore_records import read_pending_restores

_KEY_PATH: Final = re.compile(r"/keys/[0-9A-Za-z-]+(/[0-9A-Za-z]+)?")
_ALGORITHMS: Final = {
    "ecdsa-sha2-nistp256": ("ES256", hashlib.sha256),
    "ecdsa-sha2-nistp384": ("ES384", hashlib.sha384),
    "ecdsa-sha2-nistp521": ("ES512", hashlib.sha512),
    "rsassa-pss-sha256": ("PS256", hashlib.sha256),
}
"""Of the schemes of securesystemslib: the vault's name, and the digest that it signs."""


@dataclass(frozen=True)
class ProvenMove:
    """A statement that both registries are equal, with the target and its moved images."""

    statement: MoveStatement
    target: Content
    images: tuple[MovedImage, ...]


async def prove_move(request: RelocationRequest, say: Callable[[str], None]) -> ProvenMove:
    """Compare the content of both registries; return the statement that it is equal. Raises NotRelocated."""
    async with connection() as azure:
        request = await find_registry.resolve_request(azure, request)
        await _say_pending(request, say)
        source = await registries.read_registry(azure, request.source)
        target = await registries.read_registry(azure, target_ref(request))
        names = await read_target_names(azure, request)
        want, have = await asyncio.gather(
            _content(azure, source, request.selection, say), _content(azure, target, request.selection, say, names)
        )
        want = await mark_pulls(azure, request, want)
        # Locks are settings of the registry, not of what was moved: a freeze does not change a digest.
        found = [one for one in unclean(compare(want, have, request.selection, request.accept_broken)) if _counts(one)]
        if found:
            raise NotRelocated(
                f"{source.name} and {target.name} are not equal: {plural(len(found), 'difference')}, the first: "
                f"{found[0].message}",
                resource=target.id,
                remedy="Run `acr-relocate verify` for all of them.",
            )
        now, ids, number = datetime.now(UTC), await azure.own_ids(), version("acr-relocate")
        pair = SnapshotPair(
            source=RegistrySnapshot(registry=source, content=want),
            target=RegistrySnapshot(registry=target, content=have),
        )
        statement = state_move(request, pair, compared_at=now, compared_by=ids, version=number)
        return ProvenMove(statement, have.model_copy(update={"repositories": ()}), images_of_move(statement, have))


async def attach_to_images(proven: ProvenMove, signed: str) -> int:
    """Attach the signed statement to each moved image of the target that has none; return to how many."""
    async with connection() as azure:
        plane = azure.data_plane(proven.target.login_server, proven.target.names)
        return await attach_proof(plane, proven.images, signed.encode(), proven.statement.compared_at)


async def _say_pending(request: RelocationRequest, say: Callable[[str], None]) -> None:
    """Say what killed runs left changed: locks and roles are no part of the statement. Raises RecordBroken."""
    pending = await or_unknown(read_pending_restores(request), "the records of changes to restore")
    for found in pending_findings(request.source.resource_id, Content(login_server=""), pending):
        say(f"{found.severity}: {found.message} {found.remedy}")


def _counts(found: Difference) -> bool:
    return found.kind != "attributes"


async def check_target(statement: MoveStatement, say: Callable[[str], None]) -> tuple[Difference, ...]:
    """Compare the target with the statement, as it is now. Raises NotFound without the target."""
    async with connection() as azure:
        target = await registries.read_registry(azure, RegistryRef(name=statement.target.id))
        if target.login_server.lower() != statement.target.login_server.lower():
            raise InvalidRequest(
                f"The proof is about {statement.target.login_server[:200]}, but {target.name} is {target.login_server}"
            )
        names = [repository.name for repository in statement.repositories]
        content = (
            await _content(azure, target, Selection(repositories=names), say) if names else Content(login_server="")
        )
        return compare_with_proof(statement, content)


async def _content(
    azure: AzureConnection,
    registry: Registry,
    selection: Selection,
    say: Callable[[str], None],
    names: RenameMap = AS_AT_SOURCE,
) -> Content:
    say(f"Listing {registry.login_server}…")
    return await list_content(azure.data_plane(registry.login_server, names), selection, may_be_broken=True)


def parse_key_id(key_id: str) -> tuple[str, str]:
    """Return the vault and the path in the identifier of a key, https://VAULT.HOST/keys/NAME[/VERSION].

    Raises InvalidRequest, also for a host that is not of this cloud's key vaults.
    """
    address = urlsplit(key_id)
    vault, _, suffix = address.netloc.lower().partition(".")
    if suffix != CloudSettings.from_environment().vault_suffix or not _KEY_PATH.fullmatch(address.path):
        raise InvalidRequest(
            f"{key_id} is not the identifier of a key in a key vault of this cloud",
            remedy="Give it as `az keyvault key show --query key.kid` shows it.",
        )
    return vault, address.path


async def sign_in_vault(vault: str, path: str, payload: bytes) -> str:
    """Return the statement, signed with the key at this path of the vault."""
    async with connection() as azure:
        key = await vault_keys.read_key(azure, vault, path)
        known = SSlibKey.from_crypto(key.public)
        algorithm, digest = _ALGORITHMS[known.scheme]
        signed = digest(bytes_to_sign(payload, PAYLOAD_TYPE)).digest()
        signature = await vault_keys.sign_digest(azure, key, algorithm, signed)
        if known.keytype == "ecdsa":
            half = len(signature) // 2
            signature = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
        return enclose(payload, PAYLOAD_TYPE, Signature(known.keyid, signature.hex()))
