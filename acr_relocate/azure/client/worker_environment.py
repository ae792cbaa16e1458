"""The environment of the process, read as curl, az and git do: proxies, certificate authorities, .netrc.

| variable | says |
|---|---|
| HTTPS_PROXY, HTTP_PROXY | the proxy, with or without `http://` before it |
| SSL_CERT_FILE, SSL_CERT_DIR | the certificate authorities that are trusted, in the place of the system's |
| REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE | more of them, as used by `az` |

A `.netrc` is for other tools: its passwords are never sent.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping, MutableMapping
from typing import Final
from urllib.parse import urlsplit

from acr_relocate.core.errors import InvalidRequest

PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
OWN_AUTHORITIES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
MORE_AUTHORITIES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def settle_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Normalise proxy and certificate settings so that every library reads them alike. Raises InvalidRequest."""
    environment["NETRC"] = os.devnull  # aiohttp would add its passwords to signed calls, and fail
    for name in PROXIES:
        if value := environment.get(name, "").strip():
            environment[name] = _proxy(name, value)
    for name in OWN_AUTHORITIES:  # empty counts as unset; OpenSSL would look for a file without a name
        if not environment.get(name, "unset"):
            del environment[name]
    # Prefect opens these files when it is imported, and prints a traceback if it cannot.
    _add_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), environment)


def trusted() -> ssl.SSLContext:
    """Return the trusted authorities for TLS. Raises InvalidRequest for an unreadable file of authorities."""
    context = ssl.create_default_context()
    _add_authorities(context, os.environ)
    return context


def _add_authorities(context: ssl.SSLContext, environment: Mapping[str, str]) -> None:
    for name in (*OWN_AUTHORITIES, *MORE_AUTHORITIES):
        value = environment.get(name, "")
        for path in value.split(os.pathsep) if name == "SSL_CERT_DIR" else [value]:
            if path:
                _add(context, name, path)


def _add(context: ssl.SSLContext, name: str, path: str) -> None:
    if not os.path.exists(path):  # noqa: PTH110 - a name that is no path is answered alike
        raise InvalidRequest(f"{name} names {path}, which is not there", remedy=f"Correct {name}, or unset it.")
    try:
        is_folder = os.path.isdir(path)  # noqa: PTH112 - as above
        context.load_verify_locations(**({"capath": path} if is_folder else {"cafile": path}))
    except (OSError, ssl.SSLError) as error:
        raise InvalidRequest(
            f"{name} names {path}, which has no certificates that can be read: {error}",
            remedy=f"Let {name} name a file of certificates in PEM.",
        ) from None


def _proxy(name: str, value: str) -> str:
    url = value if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", value) else f"http://{value}"
    try:
        parts = urlsplit(url)
        is_proxy = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_proxy = False
    if not is_proxy:
        shown = re.sub(r"//[^/@]*@", "//…@", url)
        raise InvalidRequest(
            f"{name} is {shown}, which is no HTTP proxy", remedy=f"Set {name} to http://HOST:PORT, or unset it."
        )
    return url
