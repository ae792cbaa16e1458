"""Every error of the embedded Azure, in the shapes of the real one."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

JsonObject = dict[str, Any]
NO_DETAIL: Final = object()  # an explicit null in the place of an error's detail


class AzureError(Exception):
    """An error of ARM or of a resource provider.

    `gateway=True`: raised by ARM itself, so the body has no `status` and the answer says `x-ms-failure-cause: gateway`;
    `plain=True`: by a service whose bodies have no `status` either (roles, vaults, Graph, logs).
    """

    charset: str | None = "utf-8"  # of the content type

    def __init__(  # noqa: PLR0913 - each says one thing about the wire, and all but three have the usual value
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[Mapping[str, Any]] = (),
        inner: Mapping[str, Any] | None = None,
        target: str = "",
        headers: Mapping[str, str] | None = None,
        gateway: bool = False,
        plain: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.plain = plain
        self.details = [dict(detail) for detail in details]
        self.inner, self.target = inner, target
        self.headers = dict(headers or {})
        self.gateway = gateway
        if gateway:
            self.headers["x-ms-failure-cause"] = "gateway"

    @property
    def error(self) -> JsonObject:
        """Return the inner object: `{"code", "target"?, "message", "details"?, "innererror"?}`."""
        shown: JsonObject = {"code": self.code, **({"target": self.target} if self.target else {})}
        shown |= {"message": self.message, **({"details": self.details} if self.details else {})}
        return shown | ({"innererror": dict(self.inner)} if self.inner else {})

    @property
    def body(self) -> JsonObject:
        """Return the body on the wire."""
        return {"error": self.error} if self.gateway or self.plain else {"error": self.error, "status": "Failed"}


class UnwrappedError(AzureError):
    """An error of AKS: code and message at the top of the body, without `error` (Azure/terraform-azurerm-aks#604)."""

    @property
    def body(self) -> JsonObject:
        """Return the body on the wire."""
        return {"code": self.code, "details": None, "message": self.message, "subcode": "", "target": self.target}


class BareError(AzureError):
    """An error of private DNS and of Azure Monitor: code and message at the top of the body, and nothing else."""

    @property
    def body(self) -> JsonObject:
        """Return the body on the wire."""
        return {"code": self.code, "message": self.message}


class RegistryError(Exception):
    """An error of a registry's data plane: `{"errors": [{"code", "message", "detail"?}]}`."""

    def __init__(
        self, status: int, code: str, message: str, detail: object = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.detail = status, code, message, detail
        self.headers = dict(headers or {})
        self.text = ""  # instead of JSON

    @property
    def body(self) -> JsonObject:
        """Return the body on the wire."""
        detail = {} if self.detail is None else {"detail": None if self.detail is NO_DETAIL else self.detail}
        return {"errors": [{"code": self.code, "message": self.message, **detail}]}


class PageNotFound(RegistryError):
    """The 404 of a path that the registry's router does not take: plain text (a capital letter in a repository)."""

    def __init__(self) -> None:
        super().__init__(404, "NAME_INVALID", "page not found")
        self.text = "404 page not found\n"


class EntraError(Exception):
    """An OAuth error of Entra ID: `code` is the AADSTS number, `error` the OAuth word."""

    def __init__(self, status: int, error: str, code: int, message: str, headers: Mapping[str, str] | None = None):
        super().__init__(message)
        self.status, self.error, self.code, self.message = status, error, code, message
        self.headers = dict(headers or {})

    @property
    def body(self) -> JsonObject:
        """Return the body on the wire: the text repeats the identifiers beside it."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
        identified = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}"
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self.message} {identified}",
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }


def bad_request(code: str, message: str, **more: Any) -> AzureError:
    """Return the 400 of a resource provider."""
    return AzureError(400, code, message, **more)


def conflict(code: str, message: str, **more: Any) -> AzureError:
    """Return the 409 of a resource provider."""
    return AzureError(409, code, message, **more)


def forbidden(code: str, message: str, **more: Any) -> AzureError:
    """Return the 403 of a resource provider."""
    return AzureError(403, code, message, **more)


def resource_not_found(resource_id: str) -> AzureError:
    """Return ARM's 404 for a missing resource in an existing group."""
    parts = resource_id.strip("/").split("/")
    group = parts[3] if len(parts) > 3 and parts[2].lower() == "resourcegroups" else "<null>"
    resource = "/".join(parts[parts.index("providers") + 1 :]) if "providers" in parts else resource_id
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{resource}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        gateway=True,
    )


def group_not_found(group: str) -> AzureError:
    """Return the 404 for a resource group."""
    return AzureError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.", gateway=True)


def subscription_not_found(subscription: str) -> AzureError:
    """Return the 404 for a subscription."""
    message = f"The subscription '{subscription}' could not be found."
    return AzureError(404, "SubscriptionNotFound", message, gateway=True)
