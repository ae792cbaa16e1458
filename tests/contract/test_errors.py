"""Azure's answers become errors of the core that name what to do, and give no secret away."""

import aiohttp
import pytest
from azure.core.exceptions import ClientAuthenticationError

from acr_relocate.azure.client.errors import contact, of_answer, redact
from acr_relocate.core import errors


def refusal(code: str, message: str = "No.") -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, refusal("AuthorizationFailed"), errors.AccessDenied),
        (
            403,
            {"errors": [{"code": "DENIED", "message": "client with IP '1.2.3.4' is not allowed"}]},
            errors.NetworkDenied,
        ),
        (404, refusal("ResourceNotFound"), errors.NotFound),
        (429, refusal("SubscriptionRequestsThrottled"), errors.Throttled),
        (None, refusal("BadRequest", "Invalid message 429 Too Many Requests (HAP429)."), errors.Throttled),
        (None, refusal("BadRequest", "Tag a:1 already exists in target registry."), errors.AlreadyExists),
        (
            401,
            {"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"},
            errors.AuthenticationFailed,
        ),
        (503, None, errors.TemporaryFailure),
    ],
)
def test_every_shape_of_refusal_is_understood(status: int | None, body: object, expected: type[Exception]) -> None:
    """ARM's `error`, a registry's `errors`, Entra ID's text, a failed operation, no body at all."""
    assert type(of_answer(status, {}, body, "Reading x", "x")) is expected


def test_the_message_says_what_where_why_and_whom_to_ask() -> None:
    """The error names our operation, the resource, Azure's code and correlation id, and the remedy."""
    error = of_answer(
        403,
        {"x-ms-correlation-request-id": "c0ffee"},
        refusal("AuthorizationFailed", "The client may not."),
        "Reading the registry a",
        "/subscriptions/s/registries/a",
    )

    for part in (
        "Reading the registry a",
        "/registries/a",
        "AuthorizationFailed",
        "c0ffee",
        "The client may not.",
        "Remedy:",
    ):
        assert part in str(error)


def test_the_inner_errors_of_arm_are_told() -> None:
    """ARM's outer message only says that there is an inner one."""
    details = [{"code": "RequestDisallowedByPolicy", "message": "Premium is not for you."}]
    body = {"error": {"code": "InvalidTemplateDeployment", "message": "See inner errors.", "details": details}}

    error = of_answer(400, {}, body, "Validating the template")

    assert isinstance(error, errors.PolicyViolation)
    assert error.code == "RequestDisallowedByPolicy"
    assert "Premium is not for you." in str(error)


def test_a_throttled_answer_keeps_its_retry_after() -> None:
    """The caller gets the delay that Azure requests."""
    error = of_answer(429, {"retry-after": "17"}, None, "Reading x")

    assert isinstance(error, errors.Throttled)
    assert error.retry_after == 17


@pytest.mark.parametrize(
    "text",
    [
        "https://management.azure.com/operationResults/1?api-version=1&t=SECRET&c=SECRET&s=SECRET&h=SECRET",
        "https://x.blob.core.windows.net/b?sv=SECRET&sig=SECRET",
        "Authorization: Bearer SECRETSECRET.SECRET",
        "token eyJhbGciOi.eyJzdWIiOi.SECRET was refused",
        "cloning https://someone:SECRET@github.com/contoso/shop.git#main failed",
        "cloning https://SECRET@github.com/contoso/shop failed",
    ],
)
def test_secrets_are_redacted(text: str) -> None:
    """Signed URLs, SAS tokens and bearer tokens do not reach a message."""
    assert "SECRET" not in redact(text)


def test_a_cut_connection_is_temporary_and_carries_no_chain() -> None:
    """The exception of the network is gone, and with it the request that it held."""
    with pytest.raises(errors.TemporaryFailure) as caught, contact("Reading x", "x"):
        raise aiohttp.ServerDisconnectedError

    assert caught.value.__suppress_context__
    assert errors.is_retryable(caught.value)


_CHAIN = (
    "DefaultAzureCredential failed to retrieve a token from the included credentials.\n"
    "Attempted credentials:\n"
    "\tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are missing.\n"
    "Visit https://aka.ms/x to troubleshoot this issue.\n"
    "{}"
    "\tAzureCliCredential: Azure CLI not found on path\n"
    "\tVisualStudioCodeCredential: VisualStudioCodeCredential requires the 'x' package to be installed. So do it.\n"
    "\tAzureDeveloperCliCredential: Azure Developer CLI could not be found. Please visit https://aka.ms/y.\n"
)


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [
        ("", "no way to sign in is set up on this machine"),
        (
            "\tManagedIdentityCredential: No answer. More.\n",
            "ManagedIdentityCredential: No answer; not set up: 4 others",
        ),
    ],
)
def test_without_any_credential_those_that_were_tried_say_why(attempt: str, reason: str) -> None:
    """azure-identity's twenty lines become one sentence for each way to sign in that is set up, and the remedy."""
    with pytest.raises(errors.AuthenticationFailed, match="az login") as caught, contact("Reading x", "x"):
        raise ClientAuthenticationError(_CHAIN.format(attempt))

    assert f"Reading x failed: no credential gave a token. {reason}." in str(caught.value)
