"""Convert errors of Azure, of its SDK and of the network to errors of the core. Done nowhere else.

Chains are cut (`from None`): the SDK's exceptions carry requests, with signed URLs and with secrets in bodies.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.core.rest import AsyncHttpResponse

from acr_relocate.azure.client.classification import classify, reason_code
from acr_relocate.azure.client.connection_errors import problem_of
from acr_relocate.azure.client.refusals import Refusal, read_refusal
from acr_relocate.azure.client.retries import retry_after
from acr_relocate.core import errors
from acr_relocate.core.wording import plural

_REMEDIES: Final[dict[type[errors.RelocationError], str]] = {
    errors.AuthenticationFailed: (
        "Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where a "
        "managed identity is assigned; in a sovereign cloud also set ACR_RELOCATE_CLOUD."
    ),
    errors.AccessDenied: "Assign this identity a role that allows it at that scope, or remove the lock.",
    errors.NetworkDenied: "Run from a network that the registry admits, such as the VNet of its private endpoint.",
    errors.NotFound: "Check the subscription id, the resource group and the name.",
    errors.ContentLocked: (
        "At the source readEnabled=false forbids it, at the target writeEnabled=false: `az acr repository show` shows "
        "where. Unlock it with `az acr repository update`, run again, and lock it again."
    ),
    errors.PolicyViolation: "Change the forbidden setting, or request an exemption.",
    errors.RegionRefused: (
        "Choose another region in target.location, or open a support request for this region: https://aka.ms/ARMSupport"
    ),
    errors.QuotaExceeded: (
        "Ask for a higher quota of that type in the region (Azure portal, Quotas), delete what is not used, or choose "
        "another region; then run again."
    ),
    errors.SecondFactorRequired: (
        "Sign in again with a second factor (`az logout`, then `az login`), or run as a managed identity or a service "
        "principal, which needs none."
    ),
    errors.BrokenAtSource: (
        "Push the artifact again from where it was built, or accept that it stays behind: name it in accept_broken."
    ),
}
# Remedies for codes that are more specific than the kind of error.
REMEDIES_BY_CODE: Final[dict[str, str]] = {
    "denyassignmentauthorizationfailed": (
        "A deny assignment forbids it, whatever the roles: change the deployment stack or the managed "
        "application that created it (`az stack group show`), or choose another resource group."
    ),
    "reservedresourcename": "Choose a name without Microsoft's trademarks, such as LOGIN or WINDOWS.",
}

# Signatures in operation URLs and SAS tokens, credentials in an address such as a Git repository's, and bearer tokens.
SECRETS: Final = (
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s@\"'<>]+@"), r"\1…@"),
    (re.compile(r"(?i)([?&](?:sig|s|t|c|h|se|sp|sv|skoid|sktid|code)=)[^&\s\"']+"), r"\1…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 …"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "…"),
)


_RAW_ROOMS: Final = ("dependencies", "network", "switching", "cut_over")
PACKAGE: Final = "acr_relocate/"
READERS: Final = tuple(f"{PACKAGE}{room}/" for room in ("azure", *(f"core/{each}" for each in _RAW_ROOMS)))
"""The rooms that read answers of Azure. Those of the core have the answers as they came: how others use a registry."""

_NOT_SET_UP: Final = re.compile(
    r"authentication unavailable|not fully configured|not found on path|is not installed|could not be found|"
    r"package to be installed"
)
"""Reasons of credentials that this machine does not have: they explain no failure."""
_ATTEMPT: Final = re.compile(r"^\s+(\w+Credential): (.+?)(?:\.\s|\.?$)", re.MULTILINE)


@contextmanager
def readable_answers() -> Iterator[None]:
    """Raise UnexpectedAnswer for an answer that lacks a documented field, or has one of another type.

    Only for errors raised where answers of Azure are read: any other Python error is a defect, and is not converted.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        frames = [(frame, frame.filename.replace(os.sep, "/")) for frame in traceback.extract_tb(error.__traceback__)]
        ours = [(frame, path) for frame, path in frames if frame.name not in {"readable_answers", "connection"}]
        readers = [(frame, path) for frame, path in ours if any(room in path for room in READERS)]
        if not readers:
            raise
        place = f"{readers[-1][1].rpartition(PACKAGE)[2].removeprefix('azure/')}, line {readers[-1][0].lineno}"
        raise errors.UnexpectedAnswer(
            f"An answer of Azure is not as documented: {type(error).__name__} while reading it ({place})",
            code="UnexpectedAnswer",
            remedy="Run again. If it stays so, report the message with its place.",
        ) from None


@contextmanager
def contact(doing: str, resource: str = "") -> Iterator[None]:
    """Convert errors raised inside to errors of the core that name the step and the resource."""
    try:
        yield
    except HttpResponseError as error:
        raise of_response_error(error, doing, resource) from None
    except (AzureError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise of_network(error, doing, resource) from None


def of_answer(
    status: int | None, headers: Mapping[str, str], body: object, doing: str, resource: str = ""
) -> errors.RelocationError:
    """Return the error for an answer of ARM, Entra ID or a registry; `status` None if it arrived in an operation."""
    refusal = read_refusal(body)
    kind = classify(status, refusal.code, refusal.message, refusal.inner)
    message = f"{doing} failed: {redact(refusal.message) or f'HTTP {status}'}"
    extra: dict[str, Any] = {"retry_after": retry_after(headers)} if issubclass(kind, errors.Throttled) else {}
    return kind(
        message,
        code=reason_code(refusal.inner) or refusal.code or f"HTTP {status}",
        resource=resource,
        remedy=_remedy(kind, refusal),
        correlation_id=headers.get("x-ms-correlation-request-id", ""),
        **extra,
    )


def _remedy(kind: type[errors.RelocationError], refusal: Refusal) -> str:
    by_code = (REMEDIES_BY_CODE.get(code.lower()) for code in (refusal.code, *refusal.inner))
    return next((remedy for remedy in by_code if remedy), _REMEDIES.get(kind, ""))


def of_response_error(error: HttpResponseError, doing: str, resource: str) -> errors.RelocationError:
    """Return the error for an answer of Azure, as raised by the SDK."""
    if error.response is None:
        is_credential = isinstance(error, ClientAuthenticationError)
        return of_credential(error, doing, resource) if is_credential else of_network(error, doing, resource)
    # A failed operation is reported by a successful poll.
    status = error.status_code if (error.status_code or 0) >= 400 else None
    headers = getattr(error.response, "headers", {})
    return of_answer(status, headers, body_of(error), doing, resource)


def of_credential(error: Exception, doing: str, resource: str) -> errors.RelocationError:
    """Return the error that no credential of the chain gave a token: the first sentence of each that was tried."""
    said = redact(str(error))
    attempts = _ATTEMPT.findall(said)
    tried = [f"{name}: {reason}" for name, reason in attempts if not _NOT_SET_UP.search(reason)]
    reasons = tried or ["no way to sign in is set up on this machine" if attempts else said.partition("\n")[0]]
    rest = f"; not set up: {plural(len(attempts) - len(tried), 'other')}" if 0 < len(tried) < len(attempts) else ""
    return errors.AuthenticationFailed(
        f"{doing} failed: no credential gave a token. {'; '.join(reasons)}{rest}.",
        code=type(error).__name__,
        resource=resource,
        remedy=_REMEDIES[errors.AuthenticationFailed],
    )


def of_network(error: Exception, doing: str, resource: str) -> errors.RelocationError:
    """Return the error for a missing answer: a cut connection, a name not yet in DNS, a time-out."""
    problem = problem_of(error)
    detail = "; ".join(filter(None, (problem.what, redact(str(error)) or type(error).__name__)))
    code = type(error).__name__
    return problem.kind(f"{doing} failed: {detail}", code=code, resource=resource, remedy=problem.remedy)


def body_of(error: HttpResponseError) -> object:
    """Return the JSON in the error's response, or None."""
    try:
        return json.loads(error.response.text()) if isinstance(error.response, AsyncHttpResponse) else None
    except ValueError:
        return None


def redact(text: str) -> str:
    """Return the text without signatures, SAS tokens and bearer tokens."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text
