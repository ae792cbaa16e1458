"""The errors of a relocation, named for what the operator should do, and the one table that tells them apart.

RelocationError
├── InvalidRequest                correct the request
├── NotFound                      correct the name, or create the resource
├── AccessDenied                  have a role assigned
├── NetworkDenied                 run from where the registry can be reached
├── AuthenticationFailed          sign in, or correct the credential
├── Throttled *                   nothing: it is waited out
├── TemporaryFailure *            nothing: it is tried again
├── AlreadyExists                 nothing: digests are compared
├── TargetHoldsAnotherRelocation  choose another target, or repeat the first request
├── NameTaken                     choose another name
├── InvalidTemplate               correct the template
├── DeploymentFailed              correct what each failure says
├── PolicyViolation               ask for an exemption, or comply
├── ListingIncomplete *           list again, or make hidden items listable
├── ImportTimedOut *              nothing: the target is asked by digest, then it is tried again
├── ImportRefused                 move this artifact by hand
├── ContentLocked                 unlock it, and lock it again afterwards
├── NotApproved                   ask the one who decides (core/approval.py)
└── NotRelocated                  read the report

The errors marked * are worth a retry (`is_retryable`).
"""

from __future__ import annotations

import re
from typing import Final

from acr_relocate.core.model import FrozenModel


class RelocationError(Exception):
    """Something stopped a relocation, and the message says what, where, and what to do about it."""

    def __init__(
        self, message: str, *, code: str = "", resource: str = "", remedy: str = "", correlation_id: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.resource = resource
        self.remedy = remedy
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        return error_text(self.message, self.resource, self.code, self.correlation_id, self.remedy)


class InvalidRequest(RelocationError):
    """The request says something that cannot be done. Nothing was called."""


class NotFound(RelocationError):
    """Azure answered that it does not exist. Never raised for a 403 or a 429."""


class AccessDenied(RelocationError):
    """The identity lacks a role at that scope."""


class NetworkDenied(RelocationError):
    """The registry's firewall refuses this address. The content is unknown, not empty."""


class AuthenticationFailed(RelocationError):
    """Azure does not accept the credential."""


class Throttled(RelocationError):
    """Azure asks for patience; `retry_after` is how many seconds of it, where Azure says so."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        code: str = "",
        resource: str = "",
        remedy: str = "",
        correlation_id: str = "",
    ) -> None:
        super().__init__(message, code=code, resource=resource, remedy=remedy, correlation_id=correlation_id)
        self.retry_after = retry_after


class TemporaryFailure(RelocationError):
    """A 5xx, a cut connection, a name that DNS does not know yet: the same call may succeed later."""


class AlreadyExists(RelocationError):
    """A name or a tag is already there. Whether it is the right one is for the caller to compare."""


class TargetHoldsAnotherRelocation(RelocationError):
    """The target registry carries the plan id of another relocation, or none at all."""


class NameTaken(RelocationError):
    """The registry name, which is global in a cloud, belongs to someone."""


class InvalidTemplate(RelocationError):
    """The template cannot be deployed by anyone, whatever their rights."""


class PolicyViolation(RelocationError):
    """An Azure Policy assignment forbids it."""


class ListingIncomplete(RelocationError):
    """The registry holds more than was listed, so nothing may be concluded from the listing."""


class ImportTimedOut(RelocationError):
    """An import did not end within its deadline. It may still have succeeded: ask the target by digest."""


class ImportRefused(RelocationError):
    """Azure will never import this artifact as it is."""


class ContentLocked(RelocationError):
    """A lock attribute of a repository, tag or manifest forbids it, at the source (read) or at the target (write)."""


class NotApproved(RelocationError):
    """A person has not approved the next step, so it is not taken."""


class NotRelocated(RelocationError):
    """The run is over and differences or failures remain."""


class Failure(FrozenModel):
    """An error as data: what remains of it in a result, a report, an artifact."""

    code: str
    message: str
    resource: str = ""
    remedy: str = ""
    correlation_id: str = ""
    retryable: bool = False

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Return the failure that this error is."""
        if not isinstance(error, RelocationError):
            return cls(code=type(error).__name__, message=str(error) or type(error).__name__)
        return cls(
            code=error.code or type(error).__name__,
            message=error.message,
            resource=error.resource,
            remedy=error.remedy,
            correlation_id=error.correlation_id,
            retryable=is_retryable(error),
        )

    def __str__(self) -> str:
        return error_text(self.message, self.resource, self.code, self.correlation_id, self.remedy)


class DeploymentFailed(RelocationError):
    """Azure refused or could not finish the deployment; `failures` has one entry per resource."""

    def __init__(
        self,
        message: str,
        *,
        failures: tuple[Failure, ...] = (),
        code: str = "",
        resource: str = "",
        remedy: str = "",
        correlation_id: str = "",
    ) -> None:
        super().__init__(message, code=code, resource=resource, remedy=remedy, correlation_id=correlation_id)
        self.failures = failures

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  - {failure}" for failure in self.failures)])


def error_text(message: str, resource: str, code: str, correlation_id: str, remedy: str) -> str:
    """One readable message; a resource or code that the message already names is not said twice."""
    facts = [
        resource if resource and resource not in message else "",
        code if code and code not in message else "",
        f"correlation id {correlation_id}" if correlation_id else "",
    ]
    said = ", ".join(fact for fact in facts if fact)
    sentence = f"{message} [{said}]" if said else message
    return f"{sentence} Remedy: {remedy}" if remedy else sentence


RETRYABLE: Final = (Throttled, TemporaryFailure, ListingIncomplete, ImportTimedOut)


def is_retryable(error: BaseException) -> bool:
    """Whether the same step, begun again by looking at the target, may succeed. Unknown exceptions are not."""
    return isinstance(error, RETRYABLE)


def classify(status: int | None, code: str, message: str) -> type[RelocationError]:
    """Which error an answer of Azure is. `status` is None for a failure that arrived inside an operation.

    A failed operation is judged by its inner text first, because importImage reports its own throttling as
    `BadRequest ... 429 Too Many Requests (HAP429)` (dotnet/docker-tools#1062); then the code; then the status.
    An answer that no row knows is a plain, permanent RelocationError.
    """
    if status in _OPERATION_FAILED:
        for pattern, by_text in BY_TEXT:
            if pattern.search(message):
                return by_text
    by_code = BY_CODE.get(code.lower())
    return by_code or BY_STATUS.get(status or 0, RelocationError)


_OPERATION_FAILED: Final = (None, 400, 409)

BY_TEXT: Final[tuple[tuple[re.Pattern[str], type[RelocationError]], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        (r"RequestDisallowedByPolicy", PolicyViolation),
        (r"MethodNotAllowed|operation is disallowed", ContentLocked),
        (r"HAP429|\b429\b|too many requests", Throttled),
        (r"already exists in target registry", AlreadyExists),
        (r"already in use", NameTaken),
        # Azure says "not found" to an importer that may not read the source (Azure/acr#237).
        (r"could not be found in subscription", AccessDenied),
        (r"error copying blobs", TemporaryFailure),  # Azure/acr#632: mostly a second attempt goes through
        (r"\b50[0234]\b|time(d )?-?out|temporarily|service unavailable", TemporaryFailure),
        (r"RFC 7233|maximum number of manifests|unable to find manifest digest|docker-content-digest", ImportRefused),
    )
)

BY_CODE: Final[dict[str, type[RelocationError]]] = {
    # Azure Resource Manager
    "anotheroperationinprogress": TemporaryFailure,
    "authorizationfailed": AccessDenied,
    "deploymentfailed": DeploymentFailed,
    "expiredauthenticationtoken": AuthenticationFailed,
    "invalidauthenticationtoken": AuthenticationFailed,
    "invalidtemplate": InvalidTemplate,
    "invalidtemplatedeployment": InvalidTemplate,
    "linkedauthorizationfailed": AccessDenied,
    "missingsubscriptionregistration": TemporaryFailure,  # goes away once the provider is registered
    "principalnotfound": TemporaryFailure,  # Entra ID is eventually consistent
    "requestdisallowedbypolicy": PolicyViolation,
    "resourcegroupnotfound": NotFound,
    "resourcenotfound": NotFound,
    "retryableerrorduetoanotheroperation": TemporaryFailure,
    "roleassignmentexists": AlreadyExists,
    "scopelocked": AccessDenied,
    "subscriptionnotfound": NotFound,
    "subscriptionrequeststhrottled": Throttled,
    "alreadyinuse": NameTaken,
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

BY_STATUS: Final[dict[int, type[RelocationError]]] = {
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
