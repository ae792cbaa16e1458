"""Sign statements, and check their signatures: DSSE envelopes in files, keys as PEM.

Source: https://github.com/secure-systems-lab/dsse (protocol and envelope, v1).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Signature, Signer, SSlibKey

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.files.regular_files import read_regular

_LARGEST_KEY: Final = 64 * 1024
_LARGEST_PROOF: Final = 256 * 1024 * 1024  # a statement has about 250 bytes for a manifest, a third more as base64
_KEYS: Final = "Give an Ed25519, ECDSA or RSA key as PEM"


def load_signer(path: Path, password: bytes | None) -> Signer:
    """Return the signer with the private key in the file. Raises InvalidRequest."""
    data = read_regular(path, str(path), _LARGEST_KEY)
    try:
        return CryptoSigner(load_pem_private_key(data, password))
    except TypeError:  # cryptography's answer to a password that is missing, or not needed
        wrong = "is encrypted, and no password was given" if password is None else "is not encrypted"
        raise InvalidRequest(
            f"The key {path} {wrong}", remedy="Its password goes into ACR_RELOCATE_KEY_PASSWORD."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidRequest(f"{path} has no private key that can be used", remedy=f"{_KEYS}.") from None


def sign_statement(payload: bytes, payload_type: str, signer: Signer) -> str:
    """Return the payload in a signed envelope, as JSON."""
    return enclose(payload, payload_type, signer.sign(bytes_to_sign(payload, payload_type)))


def bytes_to_sign(payload: bytes, payload_type: str) -> bytes:
    """Return the bytes that a signature of the payload signs."""
    return Envelope(payload, payload_type, {}).pae()


def enclose(payload: bytes, payload_type: str, signature: Signature) -> str:
    """Return the payload in an envelope with the signature, as JSON."""
    return json.dumps(Envelope(payload, payload_type, {signature.keyid: signature}).to_dict()) + "\n"


def read_statement(path: Path, payload_type: str, public_key: Path) -> bytes:
    """Return the payload of the envelope in the file. Raises InvalidRequest unless the key has signed it."""
    key = _public_key(public_key)
    try:
        envelope = Envelope.from_dict(json.loads(read_regular(path, str(path), _LARGEST_PROOF)))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidRequest(f"{path} is no signed statement (a DSSE envelope as JSON)") from None
    if envelope.payload_type != payload_type:
        raise InvalidRequest(f"{path} holds something else than an in-toto statement: {envelope.payload_type[:100]}")
    for signature in envelope.signatures.values():
        try:
            key.verify_signature(signature, envelope.pae())
        except UnverifiedSignatureError:
            continue
        return envelope.payload
    raise InvalidRequest(
        f"{path} is not signed with the key in {public_key}, or was changed afterwards",
        remedy="Ask its author for the file, and for the public key on another way.",
    )


def _public_key(path: Path) -> SSlibKey:
    data = read_regular(path, str(path), _LARGEST_KEY)
    try:
        return SSlibKey.from_crypto(load_pem_public_key(data))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidRequest(f"{path} has no public key that can be used", remedy=f"{_KEYS}.") from None
