"""The errors of a relocation, named for what the operator should do. `azure/client` maps Azure's answers to them.

RelocationError
├── InvalidRequest                correct the request
├── NotFound                      correct the name, or create the resource
├── AccessDenied                  have a role assigned
├── NetworkDenied                 run from where the registry can be reached
├── AuthenticationFailed          sign in, or correct the credential
│   └── SecondFactorRequired      sign in with a second factor, or as a service principal
├── RegionRefused                 choose another region, or ask Azure's support
├── QuotaExceeded                 ask for a higher quota, or choose another region
├── ConnectionNotTrusted          name the certificate authority, set the clock, or give the proxy its password
├── Throttled *                   nothing: the call waits
├── TemporaryFailure *            nothing: the call is retried
│   ├── OperationLost *           nothing: the target is read
│   ├── UnexpectedAnswer *        run again; report it if it stays so
│   └── BlobCopyFailed *          nothing, or mend the artifact at the source if it stays so
├── AlreadyExists                 nothing: digests are compared
├── NameTaken                     choose another name
├── InvalidTemplate               correct the template
├── DeploymentFailed              correct what each failure says
├── PolicyViolation               ask for an exemption, or comply
├── ListingIncomplete *           list again, or make hidden items listable
├── ImportTimedOut *              nothing: the target is read by digest, then the import is retried
├── ImportRefused                 move this artifact by other means
│   ├── TooManyManifests          nothing: its parts are imported, the index is pushed
│   └── BrokenAtSource            mend the artifact at the source, or accept that it stays behind
├── ContentLocked                 unlock it, and lock it again afterwards
├── ServerLost                    start the Prefect server again
├── RegistryBusy                  run again: it waits for the other run
├── RecordBroken                  look at the record, and remove it if it is not ours
├── OutsideRehearsal              report it: a rehearsal would have changed what is not its own
├── NotApproved                   ask the approver (core/approval.py)
└── NotRelocated                  read the report

The errors marked * are worth a retry (`is_retryable`).
"""

from __future__ import annotations

from typing import Final

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.wording import visible


class RelocationError(Exception):
    """Something stopped a relocation; the message says what, where, and the remedy."""

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
    """The request cannot be carried out. Nothing was called."""


class NotFound(RelocationError):
    """Azure answered that it does not exist. Never raised for a 403 or a 429."""


class AccessDenied(RelocationError):
    """The identity lacks a role at that scope."""


class NetworkDenied(RelocationError):
    """The registry's firewall refuses this address. The content is unknown, not empty."""


class AuthenticationFailed(RelocationError):
    """Azure does not accept the credential."""


class SecondFactorRequired(AuthenticationFailed):
    """Azure requires a second factor for changes, which this sign-in does not have."""


class RegionRefused(RelocationError):
    """Azure does not offer the region to this subscription."""


class QuotaExceeded(RelocationError):
    """Azure allows this subscription no more resources of the type in the region."""


class ConnectionNotTrusted(RelocationError):
    """A certificate on the way to Azure is not trusted here, or a proxy refuses us."""


class Throttled(RelocationError):
    """Azure limits the rate; `retry_after` is the number of seconds to wait, if Azure gives it."""

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
    """A 5xx, a cut connection, a name that DNS does not resolve yet: the same call may succeed later."""


class OperationLost(TemporaryFailure):
    """Azure no longer knows an operation that it has begun. Read the resource that the operation was to create."""


class UnexpectedAnswer(TemporaryFailure):
    """An answer is not as Azure documents it, or is incomplete."""


class BlobCopyFailed(TemporaryFailure):
    """Azure could not copy a blob from the source. A retry mostly succeeds; if not, the blob is gone."""


class AlreadyExists(RelocationError):
    """A name or a tag already exists. The caller compares whether it is the right one."""


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


class TooManyManifests(ImportRefused):
    """An index has more manifests than one import takes. Its parts may be imported, and the index pushed."""


class BrokenAtSource(ImportRefused):
    """The source lists the artifact but cannot return it: one of its manifests is gone."""


class ContentLocked(RelocationError):
    """A lock attribute of a repository, tag or manifest forbids it, at the source (read) or at the target (write)."""


class ServerLost(RelocationError):
    """The Prefect server is gone, or cannot write, while the source is frozen. The freeze has been released."""


class RegistryBusy(RelocationError):
    """Another run, on any machine, has the registry, or has changed it since this run read it."""


class RecordBroken(RelocationError):
    """A record in Azure, at the Prefect server or in a file was not written by this service. Nothing is done by it."""


class NotApproved(RelocationError):
    """A person has not approved the next step, so it is not taken."""


class OutsideRehearsal(RelocationError):
    """A rehearsal would have written to what it has not made. Nothing was sent."""


class NotRelocated(RelocationError):
    """The run is over and differences or failures remain."""


class Failure(FrozenModel):
    """An error as data, for a result, a report, an artifact."""

    code: str
    message: str
    resource: str = ""
    remedy: str = ""
    correlation_id: str = ""
    retryable: bool = False

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Return the failure for this error."""
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
    """Return one readable message, safe to show; a resource or code in the message is not repeated."""
    facts = [
        resource if resource and resource not in message else "",
        code if code and code not in message else "",
        f"correlation id {correlation_id}" if correlation_id else "",
    ]
    said = ", ".join(fact for fact in facts if fact)
    sentence = f"{message} [{said}]" if said else message
    end = "" if sentence.endswith((".", "!", "?", "…", ":", "]")) else "."
    return visible(f"{sentence}{end} Remedy: {remedy}" if remedy else sentence)


RETRYABLE: Final = (Throttled, TemporaryFailure, ListingIncomplete, ImportTimedOut)


def is_retryable(error: BaseException) -> bool:
    """Return whether a retry of the step, which reads the target first, may succeed; not for unknown exceptions."""
    return isinstance(error, RETRYABLE)
