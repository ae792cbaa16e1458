"""How often, and how long apart, one call is repeated before its caller hears of it.

These are the short repeats within one contact. The long ones, minutes apart, are tasks/retrying.py's.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

ATTEMPTS: Final = 5
# ACR counts its Retry-After down from 60; ARM's buckets refill in 25 s. Whoever asks for more is told to the caller.
LONGEST_WAIT: Final = 65.0
# Before the second attempt, where Azure does not say how long; then twice as long each time.
FIRST_WAIT: Final = 0.2
# Without a byte for so long, a call is taken to be lost. What ARM works on before it answers may take it a minute, then
# it gives up itself with a 504; it tells at once of what is there, and that it has taken on an import.
SILENCE: Final = 90.0
SHORT_SILENCE: Final = 20.0
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})
REFUSED_UNSEEN: Final = frozenset({429})


def should_retry(status: int, attempt: int, wait: float, *, once: bool) -> bool:
    """Whether this answer should be asked for again here. `once`: the call may have had its effect already."""
    statuses = REFUSED_UNSEEN if once else TRANSIENT
    return status in statuses and attempt < ATTEMPTS and wait <= LONGEST_WAIT


def backoff(attempt: int) -> float:
    """Seconds before the next attempt where Azure does not say: 0.2 after the first, 0.4, 0.8 ... with jitter."""
    return FIRST_WAIT * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that Azure asks to wait: `retry-after-ms`, or `Retry-After` as a number or a date.

    The names in `headers` are in lower case, or found in any.
    """
    if milliseconds := headers.get("retry-after-ms") or headers.get("x-ms-retry-after-ms"):
        return float(milliseconds) / 1000
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        return max(0.0, float(said))
    except ValueError:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
