"""Rules for all text in a request: printable characters only, and no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.wording import visible

# A request is a parameter of its run: everybody who may look at the Prefect server can read it.
_SECRETS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
        ("a token", r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?i:\bbearer\s+[\w.~+/=-]{16,})"),
        ("a signed address", r"(?i)[?&](sig|signature|code|access_token|x-amz-signature)=[^&\s]{8,}"),
        ("an address with a password", r"(?i)\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"),
        (
            "a connection string",
            r"(?i)\b(accountkey|sharedaccesskey|sharedaccesssignature|password|pwd)\s*=\s*[^;\s]{6,}",
        ),
        ("a client secret", r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,}"),
        ("a registry's password", r"[A-Za-z0-9+/]{20,}\+ACR[A-Za-z0-9]{6}\b"),
        (
            "an access token",
            r"\b(gh[pousr]_\w{30,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abp]-[\w-]{10,}|AKIA[A-Z0-9]{16})",
        ),
    )
)
REMEDY: Final = (
    "Take it out: a request is stored and shown. An identity signs in by the environment (AZURE_CLIENT_ID and "
    "AZURE_CLIENT_SECRET, or a managed identity), passwords of tokens go into a key vault (`token_vault`), and "
    "notifications are a block of the Prefect server. Then renew the secret, if this file was shared."
)


def require_plain(data: object) -> None:
    """Raise InvalidRequest if the data has a character that cannot be sent and shown, or a likely secret."""
    for path, text in _texts(data, ""):
        if (shown := visible(text)) != text:
            raise InvalidRequest(f'{path}: "{shown[:80]}" has a control character, or one that stands for no letter')
        for what, pattern in _SECRETS:
            if pattern.search(text):
                raise InvalidRequest(f"{path}: this looks like {what}", remedy=REMEDY)


def _texts(data: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield every text in the data with its place: values, and the names of fields."""
    if isinstance(data, str):
        yield path or "the request", data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield f"a field of {path or 'the request'}", str(key)
            yield from _texts(value, f"{path}.{visible(str(key))}" if path else visible(str(key)))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _texts(value, f"{path}[{number}]")
