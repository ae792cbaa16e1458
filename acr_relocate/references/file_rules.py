"""Rules for a file as a whole: a tool maintains it, it is signed, or it names both registries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from acr_relocate.references.assignments import keys_of, plain_key
from acr_relocate.references.documents import Sections, is_document
from acr_relocate.references.model import Reference, ReferenceKind
from acr_relocate.references.source_text import Lines

_STATE_FILE: Final = re.compile(r"\.tfstate(?:\.(?:\d+\.)?backup)?\Z|(?:^|[/\\])\.pulumi[/\\]")
_NAMED_BY_DIGEST: Final = re.compile(r"(?:^|[/\\])sha(?:256|512)[/\\:-]?[0-9a-f]{64,128}\Z")  # as in an OCI layout
# Signatures of cosign and podman, envelopes of DSSE (in-toto, SLSA), and text signed with PGP, as Helm's provenance.
_SIGNED: Final = re.compile(
    r"\"type\"\s*:\s*\"(?:cosign|atomic) container (?:image )?signature\"|\"payloadType\"\s*:\s*\""
    r"application/vnd\.in-toto\+json\"|\"base64Signature\"\s*:|^-----BEGIN PGP SIGNED MESSAGE-----",
    re.MULTILINE | re.IGNORECASE,
)
_LOCK_FILE: Final = re.compile(r"(?:^|[/\\])(?:Chart|requirements)\.lock\Z")
# Mozilla's SOPS writes a checksum of all values of a file, also of those that it does not encrypt.
_SOPS: Final = re.compile(r"^sops:\s|^\s*\"sops\":\s*\{|^sops_mac=", re.MULTILINE)
_DIRECTED: Final = re.compile(
    r"(?:source|src|target|dest|destination|from|to|old|new|mirror)(?:acr|registr)|registry(?:to|from)\Z"
)
_ID: Final = re.compile(r"microsoft\.containerregistry", re.IGNORECASE)

_LOCKED: Final = "a digest in this file covers it: run `helm dependency update`, which writes it again"
NAMED_BY_DIGEST: Final = "the file is named by the digest of its content"
SIGNED: Final = "it is signed: sign it again under the new name"
SEALED: Final = "sops' checksum covers it: change it with `sops edit`, or the file cannot be decrypted"
_STATE: Final = "a tool's own record: it changes when the tool runs"
NAMES_BOTH: Final = (
    "the file names both registries, such as one to copy from and one to copy to: decide which it shall name"
)


def path_allows(path: str) -> bool:
    """Return whether the path belongs to a file that may be rewritten."""
    return not _STATE_FILE.search(path)


def mentions(text: str, host: str) -> bool:
    """Return whether a text may name a host's registry, by a quick check."""
    name = host.partition(".")[0].partition("-")[0]
    return bool(re.search(re.escape(name), text, re.IGNORECASE))


def downgrade_ambiguous(found: list[Reference], of_target: Iterable[Reference], lines: Lines) -> list[Reference]:
    """Return the references; those to rewrite are left to people if the text names the other registry as well.

    Credentials of both are left unchanged; those of one may still be requested after the rest is rewritten.
    """
    ours = {one.start for one in found}
    others = list(of_target)
    named = [one for one in others if one.replacement is not None and one.replacement != one.text]
    secret = any(one.kind is ReferenceKind.PULL_SECRET for one in named)
    both = any(
        one.kind not in {ReferenceKind.PROBABLE, ReferenceKind.PULL_SECRET} or _is_directed(one, lines) for one in named
    )
    both = both or any(_is_id(one) and one.start not in ours for one in others)
    return [_downgrade(one, both=both, secret=secret) for one in found]


def _is_id(reference: Reference) -> bool:
    """Return whether a reference is a resource id: it surely names a registry, even if its new group is unknown."""
    return bool(_ID.search(reference.text))


def _downgrade(reference: Reference, *, both: bool, secret: bool) -> Reference:
    """Return a reference, left to people because of the other registry or its credentials."""
    if reference.kind is ReferenceKind.PULL_SECRET:
        return reference.model_copy(update={"replacement": None, "note": NAMES_BOTH}) if secret else reference
    if not both or (reference.replacement is None and reference.kind is ReferenceKind.PROBABLE):
        return reference
    changes = {
        "kind": ReferenceKind.PROBABLE,
        "note": NAMES_BOTH,
        "downgraded": reference.kind is not ReferenceKind.PROBABLE,
    }
    return reference.model_copy(update=changes)


def _is_directed(reference: Reference, lines: Lines) -> bool:
    """Return whether a bare name is assigned to a key such as `targetRegistry`."""
    return any(_DIRECTED.search(plain_key(key)) for key in keys_of(lines, reference.start))


def as_file_allows(found: list[Reference], lines: Lines, path: str) -> list[Reference]:
    """Return references, restricted in a file that a tool maintains or has a checksum of."""
    if not found:
        return found
    if _STATE_FILE.search(path):
        return [reference.model_copy(update={"kind": ReferenceKind.PROBABLE, "note": _STATE}) for reference in found]
    if _LOCK_FILE.search(path):
        return [reference.model_copy(update={"note": reference.note or _LOCKED}) for reference in found]
    seals = _Seals(lines, path)
    return [seals.apply(reference) for reference in found] if seals.any else found


class _Seals:
    """Why a change in a file, or in a sample of a document, would invalidate it."""

    def __init__(self, lines: Lines, path: str) -> None:
        self._whole = NAMED_BY_DIGEST if _NAMED_BY_DIGEST.search(path) else _seal(lines.text)
        self._lines, self._sections = lines, Sections(lines) if self._whole else None
        begins = lines.text.lstrip("\ufeff \r\n").startswith("-----BEGIN PGP")
        self._by_sample = is_document(lines) and self._whole != NAMED_BY_DIGEST and not begins

    @property
    def any(self) -> bool:
        """Return whether anything in the file is sealed."""
        return bool(self._whole)

    def apply(self, reference: Reference) -> Reference:
        """Return a reference, restricted if it is sealed."""
        note = self._whole
        if self._by_sample and self._sections:
            block = self._sections.block(reference.start)
            note = _seal(self._lines.text[slice(*block)]) if block else ""
        if not note or reference.kind is ReferenceKind.PULL_SECRET:
            return reference
        return reference.model_copy(update={"kind": ReferenceKind.PROBABLE, "note": note})


def _seal(text: str) -> str:
    """Return why a change in a text would invalidate it, or an empty string."""
    if "ENC[" in text and _SOPS.search(text):  # `sops:` alone may be any setting
        return SEALED
    return SIGNED if _SIGNED.search(text) else ""
