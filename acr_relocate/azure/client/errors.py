"""Where errors of Azure, of its SDK and of the network become errors of the core. Nowhere else.

Chains are cut (`from None`): the SDK's exceptions carry requests, with signed URLs and with secrets in bodies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.core.rest import AsyncHttpResponse

from acr_relocate.azure.client.retries import retry_after
from acr_relocate.core import errors

REMEDIES: Final[dict[type[errors.RelocationError], str]] = {
    errors.AuthenticationFailed: (
        "Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where a "
        "managed identity is assigned; in a sovereign cloud also set ACR_RELOCATE_CLOUD."
    ),
    errors.AccessDenied: "Have a role that allows it assigned to this identity at that scope, or remove the lock.",
    errors.NetworkDenied: "Run from a network that the registry admits, such as the VNet of its private endpoint.",
    errors.NotFound: "Check the subscription id, the resource group and the name.",
    errors.ContentLocked: (
        "At the source readEnabled=false forbids it, at the target writeEnabled=false: `az acr repository show` tells "
        "where. Unlock it with `az acr repository update`, run again, and lock it again."
    ),
    errors.PolicyViolation: "Change what the policy forbids, or have an exemption made.",
}

# Signatures in operation URLs and SAS tokens, who signs in by an address such as a Git repository's, and bearer tokens.
SECRETS: Final = (
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s@\"'<>]+@"), r"\1…@"),
    (re.compile(r"(?i)([?&](?:sig|s|t|c|h|se|sp|sv|skoid|sktid|code)=)[^&\s\"']+"), r"\1…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 …"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "…"),
)


_ATTEMPT: Final = re.compile(r"^\s+(\w+Credential): (.+?)(?:\.\s|\.?$)", re.MULTILINE)


@dataclass(frozen=True)
class Refusal:
    """What an answer of Azure says went wrong."""

    code: str = ""
    message: str = ""


@contextmanager
def contact(doing: str, resource: str = "") -> Iterator[None]:
    """What goes wrong inside leaves as an error of the core, saying what we were doing and to which resource."""
    try:
        yield
    except HttpResponseError as error:
        raise of_response_error(error, doing, resource) from None
    except (AzureError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise of_network(error, doing, resource) from None


def of_answer(
    status: int | None, headers: Mapping[str, str], body: object, doing: str, resource: str = ""
) -> errors.RelocationError:
    """The error that an answer of ARM, Entra ID or a registry is; `status` None if it arrived inside an operation."""
    refusal = read_refusal(body)
    kind = errors.classify(status, refusal.code, refusal.message)
    message = f"{doing} failed: {redact(refusal.message) or f'HTTP {status}'}"
    extra: dict[str, Any] = {"retry_after": retry_after(headers)} if issubclass(kind, errors.Throttled) else {}
    return kind(
        message,
        code=refusal.code or f"HTTP {status}",
        resource=resource,
        remedy=REMEDIES.get(kind, ""),
        correlation_id=headers.get("x-ms-correlation-request-id", ""),
        **extra,
    )


def of_response_error(error: HttpResponseError, doing: str, resource: str) -> errors.RelocationError:
    """The error that an answer of Azure is, as the SDK raises it."""
    if error.response is None:
        is_credential = isinstance(error, ClientAuthenticationError)
        return of_credential(error, doing, resource) if is_credential else of_network(error, doing, resource)
    # A failed operation is told of by a successful poll.
    status = error.status_code if (error.status_code or 0) >= 400 else None
    headers = getattr(error.response, "headers", {})
    return of_answer(status, headers, body_of(error), doing, resource)


def of_credential(error: Exception, doing: str, resource: str) -> errors.RelocationError:
    """No credential of the chain gave a token; each says why in its first sentence."""
    said = redact(str(error))
    reasons = [f"{name}: {reason}" for name, reason in _ATTEMPT.findall(said)] or said.splitlines()[:1]
    return errors.AuthenticationFailed(
        f"{doing} failed: no credential gave a token. {'; '.join(reasons)}.",
        code=type(error).__name__,
        resource=resource,
        remedy=REMEDIES[errors.AuthenticationFailed],
    )


def of_network(error: Exception, doing: str, resource: str) -> errors.RelocationError:
    """No answer: a cut connection, a name not yet in DNS, a time-out. The same call may succeed later."""
    detail = redact(str(error)) or type(error).__name__
    return errors.TemporaryFailure(f"{doing} failed: {detail}", code=type(error).__name__, resource=resource)


def body_of(error: HttpResponseError) -> object:
    """The JSON that came with the error, or None."""
    try:
        return json.loads(error.response.text()) if isinstance(error.response, AsyncHttpResponse) else None
    except ValueError:
        return None


def read_refusal(body: object) -> Refusal:
    """Code and message from any of Azure's shapes: of ARM, of a registry, of Entra ID."""
    match body:
        case {"errors": [{"code": str(code), **rest}, *_]}:
            return Refusal(code, _with_detail(str(rest.get("message", "")), rest.get("detail")))
        case {"error": {"code": str(code), **rest}}:
            return Refusal(code, _with_inner(str(rest.get("message", "")), rest.get("details")))
        case {"error": str(code), "error_description": str(message)}:
            return Refusal(code, message.splitlines()[0] if message else "")
        case _:
            return Refusal()


def redact(text: str) -> str:
    """The text without signatures, SAS tokens and bearer tokens."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _with_inner(message: str, details: object) -> str:
    """ARM's outer message often only points at the inner ones, where the reason is."""
    inner = [item for item in details if isinstance(item, dict)] if isinstance(details, list) else []
    said = [f"{item.get('code', '')}: {item.get('message', '')}" for item in inner[:5]]
    return " ".join([message, *said]).strip()


def _with_detail(message: str, detail: object) -> str:
    return f"{message} ({detail})" if isinstance(detail, str) and detail and detail not in message else message
