"""Map an answer of Azure to an error of the core: by codes and fields, then by phrases, never by a name in it.

The text of a failed operation begins with resource ids and contains names of groups, registries, repositories and tags.
A group named shop-503 is no status, and a repository named timeout is no time-out: names are removed first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from acr_relocate.core.errors import (
    AccessDenied,
    AlreadyExists,
    AuthenticationFailed,
    BlobCopyFailed,
    BrokenAtSource,
    ContentLocked,
    DeploymentFailed,
    InvalidTemplate,
    NameTaken,
    NetworkDenied,
    NotFound,
    PolicyViolation,
    QuotaExceeded,
    RegionRefused,
    RelocationError,
    SecondFactorRequired,
    TemporaryFailure,
    Throttled,
    TooManyManifests,
)

_Kind = type[RelocationError]


def classify(status: int | None, code: str, message: str, inner: Iterable[str] = ()) -> _Kind:
    """Return the error class for an answer.

    A failed operation reports its own throttling as `BadRequest ... 429 Too Many Requests (HAP429)`
    (dotnet/docker-tools#1062), so its phrases come before its code. An unlisted answer is a plain, permanent
    RelocationError.

    Args:
        status: The HTTP status; None for a failure that arrived inside an operation.
        code: The outer code.
        message: Azure's message, with the nested ones.
        inner: The nested codes: of `details` and of `innererror`.

    """
    codes = [code.lower(), *(one.lower() for one in inner)]
    if found := _by_reason(codes, message):
        return found
    if status in _OPERATION_FAILED:
        text = without_names(message)
        for pattern, by_text in BY_TEXT:
            if pattern.search(text):
                return by_text
    outer = BY_STATUS_AND_CODE.get((status, codes[0])) or BY_CODE.get(codes[0])
    return outer or BY_STATUS.get(status or 0, RelocationError)


def without_names(text: str) -> str:
    """Return the text without names: ids, URLs, images, quoted words, values of named fields."""
    for pattern in _NAMES:
        text = pattern.sub(" ", text)
    return text


def _by_reason(codes: Iterable[str], message: str) -> _Kind | None:
    """Return the error for an inner code, if that is the reason and the outer one only names the failed step."""
    for code in codes:
        if code == "requestdisallowedbyazure":
            return SecondFactorRequired if _SECOND_FACTOR.search(message) else RegionRefused
        if code in REASONS:
            return REASONS[code]
    return None


def reason_code(codes: Iterable[str]) -> str:
    """Return the inner code that is the reason, as Azure spells it, where the outer one only tells what failed."""
    return next((code for code in codes if code.lower() in REASONS or code.lower() == "requestdisallowedbyazure"), "")


_OPERATION_FAILED: Final = (None, 400, 409)
_SECOND_FACTOR: Final = re.compile(r"multi-?factor|\bMFA\b|MFAforAzure", re.IGNORECASE)

_NAMES: Final = (
    re.compile(r"(?i)\"(?:name|tag|digest|repository|image|resource|target)\"\s*:\s*\"[^\"]*\""),
    re.compile(r"'[^'\s]{1,300}'"),
    re.compile(r"(?i)\b(?:repo|repository|tag|manifest|image|registry|name|group)\s*:\s*[^\s:]+(?!\S)"),
    re.compile(r"(?i)(?<!\S)(?!(?:status|code|status ?code)[:=])[^\s\"{}]*[\w.-][/@:][\w./@:-][^\s\"{}]*"),
    re.compile(r"(?i)\b(?:registries|tokens|scopemaps)-[0-9a-z-]+"),
)

# Codes that are the reason at any depth: also below InvalidTemplateDeployment, DeploymentFailed or Conflict.
REASONS: Final[dict[str, _Kind]] = {
    "alreadyinuse": NameTaken,
    "objectisbeingdeleted": TemporaryFailure,
    "quotaexceeded": QuotaExceeded,
    "registrynamealreadyinuse": NameTaken,
    "requestdisallowedbypolicy": PolicyViolation,
    "subscriptionrequeststhrottled": Throttled,
}

BY_TEXT: Final[tuple[tuple[re.Pattern[str], _Kind], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        (r"RequestDisallowedByPolicy", PolicyViolation),
        (r"client with IP\b.*\bis not allowed access", NetworkDenied),
        (r"MethodNotAllowed|operation is disallowed", ContentLocked),
        (r"HAP429|\b(?:status|code|status ?code|error)\W{0,3}429\b|too ?many ?requests", Throttled),
        (r"already exists in target registry", AlreadyExists),
        (r"already in use", NameTaken),
        (r"\bexceed\w*\b.{0,40}\bquota\b", QuotaExceeded),
        # Azure answers "not found" to an importer without access to the source (Azure/acr#237).
        (r"could not be found in subscription", AccessDenied),
        (r"copying blobs", BlobCopyFailed),  # Azure/acr#632: a second attempt mostly succeeds
        # Two forms of one answer: Azure/acr#422, MicrosoftDocs/azure-docs#90060.
        (r"unable to find manifest digest|MANIFEST_UNKNOWN|NAME_UNKNOWN", BrokenAtSource),
        (r"RFC 7233|docker-content-digest", BrokenAtSource),
        (r"maximum number of manifests", TooManyManifests),
        (r"\b(?:status|code|status ?code|error)\W{0,3}50[0234]\b|time(d )?-?out|temporar(?:y|ily)", TemporaryFailure),
        (r"service ?unavailable|bad ?gateway|internal ?server ?error", TemporaryFailure),
    )
)

BY_CODE: Final[dict[str, _Kind]] = {
    # Azure Resource Manager
    "anotheroperationinprogress": TemporaryFailure,
    "authorizationfailed": AccessDenied,
    "badgateway": TemporaryFailure,
    "containerappoperationinprogress": TemporaryFailure,
    "deploymentactive": TemporaryFailure,
    "denyassignmentauthorizationfailed": AccessDenied,
    "deploymentfailed": DeploymentFailed,
    "expiredauthenticationtoken": AuthenticationFailed,
    "gatewaytimeout": TemporaryFailure,
    "internalservererror": TemporaryFailure,
    "invalidauthenticationtoken": AuthenticationFailed,
    "invalidtemplate": InvalidTemplate,
    "invalidtemplatedeployment": InvalidTemplate,
    "linkedauthorizationfailed": AccessDenied,
    "missingsubscriptionregistration": TemporaryFailure,  # goes away once the provider is registered
    "operationtimedout": TemporaryFailure,
    "principalnotfound": TemporaryFailure,  # Entra ID is eventually consistent
    "ratelimiting": Throttled,  # Resource Graph's own quota
    "requesttimeout": TemporaryFailure,
    "resourcegroupbeingdeleted": TemporaryFailure,
    "resourcegroupnotfound": NotFound,
    "resourcenotfound": NotFound,
    "retryableerrorduetoanotheroperation": TemporaryFailure,
    "roleassignmentexists": AlreadyExists,
    "scopelocked": AccessDenied,
    "servertimeout": TemporaryFailure,
    "serviceunavailable": TemporaryFailure,
    "subscriptionnotfound": NotFound,
    # a registry's data plane
    "denied": NetworkDenied,
    "manifest_unknown": NotFound,
    "name_unknown": NotFound,
    "registry_disallowed_operation": ContentLocked,
    "toomanyrequests": Throttled,
    "unauthorized": AuthenticationFailed,
    # Entra ID
    "invalid_client": AuthenticationFailed,
    "unauthorized_client": AuthenticationFailed,
}

# A cluster that is busy: its body has no `error` around it (Microsoft.ContainerService).
BY_STATUS_AND_CODE: Final[dict[tuple[int | None, str], _Kind]] = {
    (409, "operationnotallowed"): TemporaryFailure,
    (409, "etagmismatch"): TemporaryFailure,
}

BY_STATUS: Final[dict[int, _Kind]] = {
    401: AuthenticationFailed,
    403: AccessDenied,
    404: NotFound,
    408: TemporaryFailure,
    409: AlreadyExists,
    429: Throttled,
    500: TemporaryFailure,
    502: TemporaryFailure,
    503: TemporaryFailure,
    504: TemporaryFailure,
}
