"""Find the reason why a connection failed, from the libraries' errors, with the remedy for each."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from typing import Final, NamedTuple

import aiohttp

from acr_relocate.core import errors

_TOO_EARLY_OR_LATE: Final = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
CLOCK: Final = "Set this computer's clock right (its time zone does not matter), or have the certificate renewed."
AUTHORITY: Final = (
    "Let SSL_CERT_FILE name a file in PEM with the certificate authority of your company's proxy beside the public "
    "ones (REQUESTS_CA_BUNDLE, as used by az, is read as well). Signing in again does not help."
)
PROXY: Final = "Correct HTTPS_PROXY (http://HOST:PORT), or set NO_PROXY for hosts to reach without it."
PROXY_PASSWORD: Final = "The proxy requires a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT."  # noqa: S105 - no password


class Problem(NamedTuple):
    """The kind of error, the detail beyond the library's own words, and the remedy."""

    kind: type[errors.RelocationError]
    what: str = ""
    remedy: str = ""


def problem_of(error: BaseException) -> Problem:
    """Classify a network error. A retry may succeed later, unless a certificate is not trusted."""
    for each in _chain(error):
        if isinstance(each, ssl.SSLCertVerificationError):
            if each.verify_code in _TOO_EARLY_OR_LATE:
                return Problem(errors.ConnectionNotTrusted, "the server's certificate is not valid at this time", CLOCK)
            return Problem(errors.ConnectionNotTrusted, "the server's certificate is not trusted", AUTHORITY)
        if isinstance(each, aiohttp.ClientHttpProxyError):
            wants_password = each.status == 407
            return Problem(
                errors.ConnectionNotTrusted if wants_password else errors.TemporaryFailure,
                f"the proxy {_proxy()} answers with the status {each.status}",
                PROXY_PASSWORD if wants_password else PROXY,
            )
        if isinstance(each, aiohttp.ClientProxyConnectionError):
            return Problem(errors.TemporaryFailure, f"the proxy {_proxy()} cannot be reached", PROXY)
    return Problem(errors.TemporaryFailure)


def _proxy() -> str:
    found = next((os.environ[name] for name in ("HTTPS_PROXY", "https_proxy") if os.environ.get(name)), "")
    return (
        f"of HTTPS_PROXY, {found.rpartition('@')[2].partition('://')[2] or found.rpartition('@')[2]}," if found else ""
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and its causes, as azure-core and aiohttp keep them."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (getattr(each, name, None) for name in ("inner_exception", "certificate_error", "os_error"))
        waiting += [*(one for one in inner if isinstance(one, BaseException)), each.__cause__, each.__context__]
