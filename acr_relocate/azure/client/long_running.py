"""Long-running operations of ARM, read from their responses: the URL to poll, and whether they have ended.

Recordings of the real service are the source, not the guidelines: a terminal answer mostly still has the header that
started it, pending reads Creating or Updating, and a private endpoint connection is pending with 201.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core.rest import AsyncHttpResponse

from acr_relocate.azure.client.refusals import read_refusal
from acr_relocate.core.errors import UnexpectedAnswer

Json = dict[str, Any]
StandIn = Callable[[object], Json]

# Seconds between two polls of an operation if Azure gives no delay. The first is immediate.
FIRST_LOOK: Final = 0.5
LONGEST_LOOK: Final = 10.0

# An operation counts as lost once it was unknown so many times.
LOST_LOOKS: Final = 3

_ENDED: Final = frozenset({"succeeded", "failed", "canceled"})
_UNKNOWN: Final = frozenset({"", "notfound", "operationnotfound", "resourcenotfound", "asyncoperationnotfound"})
# Poll statuses about the poll itself; any other 4xx is the operation's own failure.
_ABOUT_THE_POLL: Final = frozenset({401, 403, 404, 408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class ArmResponse:
    """Status, headers and JSON of an ARM answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Json = field(default_factory=dict)

    @classmethod
    def of(cls, response: AsyncHttpResponse) -> ArmResponse:
        """Convert a response. A body that is not a JSON object (empty, `null`, HTML) becomes {}."""
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return cls(response.status_code, headers, body if isinstance(body, dict) else {})

    def document(self, doing: str, resource: str) -> Json:
        """Return the JSON object. Raises UnexpectedAnswer without one: it was cut, or came from a proxy."""
        if not self.body:
            raise UnexpectedAnswer(f"{doing} failed: the answer is not a JSON object, or was cut", resource=resource)
        return self.body

    def page(self, doing: str, resource: str, stand_in: StandIn | None = None) -> list[Json]:
        """Return the entries of a page of a listing. Raises UnexpectedAnswer for anything else: it may hide some.

        `stand_in` makes an entry of what is no object; without it, such a page is refused.
        """
        entries = self.body.get("value", self)
        if entries is None:
            return []  # Go's form of an empty list
        if isinstance(entries, list) and stand_in is not None:
            entries = [entry if isinstance(entry, dict) else stand_in(entry) for entry in entries]
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise UnexpectedAnswer(f"{doing} failed: the answer is not a listing, or was cut", resource=resource)
        return list(entries)

    @property
    def operation_url(self) -> str | None:
        """Return the URL of the operation that this answer started; None if it started none."""
        if self.status not in {200, 201, 202}:
            return None
        return self.headers.get("azure-asyncoperation") or (
            self.headers.get("location") if self.status == 202 else None
        )

    @property
    def is_last(self) -> bool:
        """Return whether this answer to a poll shows that the operation has ended."""
        status = str(self.body.get("status", "")).lower()
        return status in _ENDED or (self.status in {200, 204} and not status)

    @property
    def failed_status(self) -> int | None:
        """Return the status of this error answer to a poll if it is about the poll, None if about the operation."""
        return self.status if self.status in _ABOUT_THE_POLL else None

    @property
    def is_lost(self) -> bool:
        """Return whether this answer to a poll shows that Azure does not know the operation."""
        return self.status == 404 and read_refusal(self.body).code.lower() in _UNKNOWN

    @property
    def has_failed(self) -> bool:
        """Return whether this answer to a poll is an error, or shows a failed operation."""
        return self.status >= 400 or str(self.body.get("status", "")).lower() in {"failed", "canceled"}


def poll_url(answer: ArmResponse, url: str) -> str:
    """Return the next URL to poll: Azure may change it."""
    return answer.headers.get("azure-asyncoperation") or answer.headers.get("location") or url
