"""Long-running operations of ARM, by their wire: where to look, whether they have ended.

Recordings of the real service decide here, not the textbook: a terminal answer mostly still carries the header that
started it, pending reads Creating or Updating, and a private endpoint connection is pending with 201.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core.rest import AsyncHttpResponse

from acr_relocate.azure.client.refusals import read_refusal
from acr_relocate.core.errors import UnexpectedAnswer

Json = dict[str, Any]

# Between two looks at an operation where Azure does not say how long to wait, in seconds. The first is at once.
FIRST_LOOK: Final = 0.5
LONGEST_LOOK: Final = 10.0

# So often an operation may be unknown to whoever answers before it is taken to be lost.
LOST_LOOKS: Final = 3

_ENDED: Final = frozenset({"succeeded", "failed", "canceled"})
_UNKNOWN: Final = frozenset({"", "notfound", "operationnotfound", "resourcenotfound", "asyncoperationnotfound"})
# Answers to a poll that tell of the poll; any other 4xx tells how the operation itself failed.
_ABOUT_THE_POLL: Final = frozenset({401, 403, 404, 408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class ArmResponse:
    """Status, headers and JSON of an answer of ARM. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Json = field(default_factory=dict)

    @classmethod
    def of(cls, response: AsyncHttpResponse) -> ArmResponse:
        """The answer that a response is. A body that is not a JSON object (none, `null`, HTML) is {}."""
        try:
            body = response.json()
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return cls(response.status_code, headers, body if isinstance(body, dict) else {})

    def document(self, doing: str, resource: str) -> Json:
        """The JSON object. Raises UnexpectedAnswer without one: it was cut, or something in between spoke."""
        if not self.body:
            raise UnexpectedAnswer(f"{doing} failed: the answer is not a JSON object, or was cut", resource=resource)
        return self.body

    def page(self, doing: str, resource: str) -> list[Json]:
        """The entries of a page of a listing. Raises UnexpectedAnswer for what is no listing: it may hide some."""
        entries = self.body.get("value", self)
        if entries is None:
            return []  # Go's form of an empty list
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise UnexpectedAnswer(f"{doing} failed: the answer is not a listing, or was cut", resource=resource)
        return list(entries)

    @property
    def operation_url(self) -> str | None:
        """Where to look for the operation that this answer started; None if it is all there is."""
        if self.status not in {200, 201, 202}:
            return None
        return self.headers.get("azure-asyncoperation") or (
            self.headers.get("location") if self.status == 202 else None
        )

    @property
    def is_last(self) -> bool:
        """As the answer to a look: the operation has ended."""
        status = str(self.body.get("status", "")).lower()
        return status in _ENDED or (self.status in {200, 204} and not status)

    @property
    def failed_status(self) -> int | None:
        """As the answer to a look that is an error: its status if it is about the look, None if about the operation."""
        return self.status if self.status in _ABOUT_THE_POLL else None

    @property
    def is_lost(self) -> bool:
        """As the answer to a look: Azure does not know the operation."""
        return self.status == 404 and read_refusal(self.body).code.lower() in _UNKNOWN

    @property
    def has_failed(self) -> bool:
        """As the answer to a look: an error, or an operation that ended badly."""
        return self.status >= 400 or str(self.body.get("status", "")).lower() in {"failed", "canceled"}


def poll_url(answer: ArmResponse, url: str) -> str:
    """Where to look next: Azure may move the place."""
    return answer.headers.get("azure-asyncoperation") or answer.headers.get("location") or url
