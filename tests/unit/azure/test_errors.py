"""The errors: which one an answer of Azure is, whether it is worth a retry, and what the operator reads."""

import pickle

import pytest

from acr_relocate.azure.client.classification import classify, without_names
from acr_relocate.azure.client.errors import of_answer
from acr_relocate.azure.client.refusals import read_refusal
from acr_relocate.core import errors
from acr_relocate.core.errors import Failure, RelocationError, is_retryable

RESOURCE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/target"
SHOP_503 = (
    "Operation registries-1 failed. Resource /subscriptions/s/resourceGroups/shop-503/providers/x/registries/r "
    "Unable to find manifest digest  Repo: shop/429 Tag: timeout Manifest: "
)
HAP429 = f"Operation registries-1 failed. Resource {RESOURCE} Invalid message 429 Too Many Requests (HAP429)."

ANSWERS = {
    "throttled by status": ((429, "", ""), errors.Throttled),
    "throttled ARM": ((429, "SubscriptionRequestsThrottled", ""), errors.Throttled),
    "throttled data plane": ((429, "TOOMANYREQUESTS", ""), errors.Throttled),
    "an operation that hides its throttling": ((None, "BadRequest", HAP429), errors.Throttled),
    "an import that hides its throttling in a 400": ((400, "BadRequest", HAP429), errors.Throttled),
    "digits of a digest are no status": ((None, "BadRequest", "sha256:a429b503 is bad"), RelocationError),
    "an operation that timed out inside": ((None, "BadRequest", "The request timed out."), errors.TemporaryFailure),
    "a bad gateway": ((502, "", ""), errors.TemporaryFailure),
    "an operation of someone else": ((409, "AnotherOperationInProgress", ""), errors.TemporaryFailure),
    "a provider that is being registered": ((409, "MissingSubscriptionRegistration", ""), errors.TemporaryFailure),
    "a principal that Entra does not know yet": ((400, "PrincipalNotFound", ""), errors.TemporaryFailure),
    "blobs that were not copied": ((None, "InvalidParameters", "Error copying blobs."), errors.BlobCopyFailed),
    "an existing tag, at once": (
        (409, "Conflict", "Tag hello:v3 already exists in target registry."),
        errors.AlreadyExists,
    ),
    "an existing tag, in the operation": (
        (None, "BadRequest", f"Operation failed. Resource {RESOURCE} hello:v3 already exists in target registry."),
        errors.AlreadyExists,
    ),
    "a group named like a status": (
        (
            None,
            "InvalidParameters",
            SHOP_503,
        ),
        errors.BrokenAtSource,
    ),
    "a repository named like a time-out": (
        (None, "InvalidParameters", "Repo: timeout Tag: 503 is refused, as is 'service-unavailable'"),
        RelocationError,
    ),
    "an image named like a failure": (
        (400, "InvalidParameters", "team/too-many-requests:429 is not a valid image"),
        RelocationError,
    ),
    "a missing manifest in its other form": (
        (None, "InvalidParameters", 'Invalid message NotFound NotFound {"errors":[{"code":"MANIFEST_UNKNOWN"}]}'),
        errors.BrokenAtSource,
    ),
    "a status in words": ((None, "BadRequest", "Status code: 503"), errors.TemporaryFailure),
    "a name in use, as Azure says it": ((409, "RegistryNameAlreadyInUse", "no"), errors.NameTaken),
    "a busy cluster": ((409, "OperationNotAllowed", "another operation is in progress"), errors.TemporaryFailure),
    "a quota": ((400, "OperationNotAllowed", "exceeds the approved quota"), errors.QuotaExceeded),
    "a quota of a deployed resource": (
        (None, "DeploymentFailed", "Conflict", ("QuotaExceeded",)),
        errors.QuotaExceeded,
    ),
    "an active deployment": ((409, "DeploymentActive", ""), errors.TemporaryFailure),
    "a deny assignment": ((403, "DenyAssignmentAuthorizationFailed", ""), errors.AccessDenied),
    "a closed region": ((403, "RequestDisallowedByAzure", "not accepting new customers"), errors.RegionRefused),
    "a second factor": (
        (403, "RequestDisallowedByAzure", "multi-factor authentication (MFA) must be used, https://aka.ms/MFAforAzure"),
        errors.SecondFactorRequired,
    ),
    "a name in use": (
        (409, "AlreadyInUse", "The registry DNS name x.azurecr.io is already in use."),
        errors.NameTaken,
    ),
    "a name in use, as Azure says it in 2026": (
        (409, "RegistryNameAlreadyInUse", "The registry name x is not available."),
        errors.NameTaken,
    ),
    "a firewall": ((403, "DENIED", "client with IP '1.2.3.4' is not allowed access"), errors.NetworkDenied),
    "a missing role": ((403, "AuthorizationFailed", ""), errors.AccessDenied),
    "a missing role on the other side": ((403, "LinkedAuthorizationFailed", ""), errors.AccessDenied),
    "a source that the importer may not read": (
        (400, "InvalidResource", "The resource with name 'x' and type '…' could not be found in subscription 's'."),
        errors.AccessDenied,
    ),
    "a lock": ((409, "ScopeLocked", ""), errors.AccessDenied),
    "a forbidden call of any kind": ((403, "", ""), errors.AccessDenied),
    "an expired token": ((401, "ExpiredAuthenticationToken", ""), errors.AuthenticationFailed),
    "a wrong secret": ((401, "invalid_client", ""), errors.AuthenticationFailed),
    "a policy": ((403, "RequestDisallowedByPolicy", ""), errors.PolicyViolation),
    "a policy inside a validation": (
        (400, "InvalidTemplateDeployment", "… RequestDisallowedByPolicy …"),
        errors.PolicyViolation,
    ),
    "a wrong template": ((400, "InvalidTemplate", ""), errors.InvalidTemplate),
    "a missing manifest": ((404, "MANIFEST_UNKNOWN", ""), errors.NotFound),
    "a missing group": ((404, "ResourceGroupNotFound", ""), errors.NotFound),
    "a lock in the data plane": ((405, "REGISTRY_DISALLOWED_OPERATION", ""), errors.ContentLocked),
    "a lock that an import met": (
        (None, "InvalidParameters", f"{RESOURCE} app@sha256:1 Invalid message MethodNotAllowed The operation is …"),
        errors.ContentLocked,
    ),
    "too many manifests": (
        (None, "BadRequest", "The image exceeds the maximum number of manifests."),
        errors.TooManyManifests,
    ),
    "anything else is permanent": ((400, "Whatever", "no"), RelocationError),
}


@pytest.mark.parametrize(("answer", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_answer_is_classified(answer: tuple[int | None, str, str], expected: type[RelocationError]) -> None:
    """One table says what each of Azure's answers means for the operator."""
    assert classify(*answer) is expected


REASON = {"code": "RequestDisallowedByAzure", "message": "The selected region is not accepting new customers."}
WRAPPED = {
    "by a validation": (400, {"error": {"code": "InvalidTemplateDeployment", "message": "See", "details": [REASON]}}),
    "twice": (
        409,
        {"error": {"code": "DeploymentFailed", "details": [{"code": "Conflict", "innererror": REASON}]}},
    ),
    "in a list of nulls": (400, {"error": {"code": "BadRequest", "message": None, "details": [None, REASON]}}),
    "by nothing at all": (403, REASON),
}


@pytest.mark.parametrize(("status", "body"), WRAPPED.values(), ids=WRAPPED)
def test_the_reason_is_found_wherever_it_stands(status: int, body: dict[str, object]) -> None:
    """Azure wraps the same refusal in several ways; the remedy is that of the reason."""
    error = of_answer(status, {}, body, "Validating")

    assert type(error) is errors.RegionRefused
    assert error.code == REASON["code"]
    assert "not accepting new customers" in error.message
    assert "region" in error.remedy


def test_a_deny_assignment_is_not_a_missing_role() -> None:
    """Another role does not help against it."""
    error = of_answer(403, {}, {"error": {"code": "DenyAssignmentAuthorizationFailed", "message": "x"}}, "Deploying")

    assert "deny assignment" in error.remedy
    assert "Assign this identity" not in error.remedy


def test_an_inner_error_is_told() -> None:
    """Log Analytics says nothing of the reason in its own message."""
    inner = {"code": "SemanticError", "innererror": {"code": "SEM0100", "message": "no table named X"}}
    refusal = read_refusal(
        {"error": {"code": "BadArgumentError", "message": "invalid properties", "innererror": inner}}
    )

    assert refusal.inner == ("SemanticError", "SEM0100")
    assert refusal.message == "invalid properties SemanticError SEM0100: no table named X"


def test_a_refused_metric_alert_is_read() -> None:
    """Azure Monitor writes both names with capitals, and nothing around them."""
    refusal = read_refusal({"Code": "BadRequest", "Message": "The following metric name(s) were not found: Pulls."})

    assert (refusal.code, refusal.message) == (
        "BadRequest",
        "The following metric name(s) were not found: Pulls.",
    )


@pytest.mark.parametrize("name", ["/subscriptions/s/resourceGroups/a-503", "'503'", "team/app:429", "Tag: 429"])
def test_names_are_taken_out(name: str) -> None:
    """The text that is left is Azure's, without the names that people gave."""
    assert without_names(f"before {name} behind").split() == ["before", "behind"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.Throttled("slow down", retry_after=10), True),
        (errors.TemporaryFailure("502"), True),
        (errors.ImportTimedOut("20 minutes"), True),
        (errors.ListingIncomplete("short"), True),
        (errors.AlreadyExists("tag"), False),
        (errors.AccessDenied("403"), False),
        (errors.NetworkDenied("403"), False),
        (RelocationError("400"), False),
        (ValueError("a defect"), False),
    ],
)
def test_only_what_may_go_away_is_retried(error: Exception, expected: bool) -> None:
    """A refused call is made once."""
    assert is_retryable(error) is expected


def test_message_says_what_where_and_what_to_do() -> None:
    """The operator needs nothing else, and can give Azure's support the correlation id."""
    error = errors.AccessDenied(
        "Could not read the registry.",
        code="AuthorizationFailed",
        resource=RESOURCE,
        remedy="Assign Reader.",
        correlation_id="c-1",
    )

    assert str(error) == (
        f"Could not read the registry. [{RESOURCE}, AuthorizationFailed, correlation id c-1] Remedy: Assign Reader."
    )


def test_message_says_nothing_twice() -> None:
    """A resource that the message names is not named again."""
    assert str(errors.NotFound("registry web is gone", resource="web")) == "registry web is gone"


def test_deployment_failure_lists_each_resource() -> None:
    """One line per resource that Azure refused."""
    failure = Failure(code="InvalidParameter", message="bad name", resource="tokens/x")

    assert str(errors.DeploymentFailed("The deployment failed.", failures=(failure,))) == (
        "The deployment failed.\n  - bad name [tokens/x, InvalidParameter]"
    )


def test_failure_keeps_what_the_error_knew() -> None:
    """An error becomes data without loss."""
    error = errors.Throttled("slow down", code="TooManyRequests", resource="r", remedy="wait", correlation_id="c")

    assert Failure.of(error) == Failure(
        code="TooManyRequests", message="slow down", resource="r", remedy="wait", correlation_id="c", retryable=True
    )


def test_failure_of_a_defect_names_its_type() -> None:
    """A foreign exception is data too."""
    assert Failure.of(KeyError()) == Failure(code="KeyError", message="KeyError")


@pytest.mark.parametrize(
    "error",
    [errors.Throttled("slow", retry_after=3.0, code="c"), errors.DeploymentFailed("no", failures=(), remedy="r")],
)
def test_errors_survive_pickling(error: RelocationError) -> None:
    """Prefect stores the exception of a failed task."""
    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), vars(copy), str(copy)) == (type(error), vars(error), str(error))
