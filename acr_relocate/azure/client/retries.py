"""How often, and how long apart, one call is retried before its caller gets the error.

These are the short retries within one task. The long ones, minutes apart, are in tasks/retry_policies.py.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

ATTEMPTS: Final = 5
# ACR counts its Retry-After down from 60; ARM's buckets refill in 25 s. A longer one is left to the caller.
LONGEST_WAIT: Final = 65.0
# The longest wait accepted from Azure: quotas are counted by the minute, the longest by the hour.
LONGEST_ASKED: Final = 3600.0
# Before the second attempt, if Azure gives no delay; then twice as long each time.
FIRST_WAIT: Final = 0.2
# Without a byte for so long, a call counts as lost. ARM may work for a minute before it answers, then it gives up with
# a 504; it answers at once about existing resources, and when it has accepted an import.
SILENCE: Final = 90.0
SHORT_SILENCE: Final = 20.0
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d):(\d\d(?:\.\d+)?)")
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})
REFUSED_UNSEEN: Final = frozenset({429})


def should_retry(status: int, attempt: int, wait: float, *, once: bool) -> bool:
    """Return whether to retry after this answer. `once`: the call may already have taken effect."""
    statuses = REFUSED_UNSEEN if once else TRANSIENT
    return status in statuses and attempt < ATTEMPTS and wait <= LONGEST_WAIT


def backoff(attempt: int) -> float:
    """Return the seconds before the next attempt if Azure gives none: 0.2, 0.4, 0.8 ... with jitter."""
    return FIRST_WAIT * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the delay in seconds that Azure requests: `retry-after-ms`, or `Retry-After` as a number or a date.

    A date is relative to the answer's own `Date`, so that a wrong local clock does not matter. Of several values,
    joined by a proxy, the longest counts. Anything else is ignored.
    The names in `headers` are in lower case, or found in any.
    """
    if milliseconds := headers.get("retry-after-ms") or headers.get("x-ms-retry-after-ms"):
        asked = _longest(milliseconds)
        return None if asked is None else _sensible(asked / 1000)
    said = headers.get("retry-after", "").strip()
    if not said and (clock := _CLOCK.fullmatch(headers.get("x-ms-user-quota-resets-after", "").strip())):
        hours, minutes, seconds = map(float, clock.groups())  # Resource Graph's own format
        return _sensible(3600 * hours + 60 * minutes + seconds)
    date = _moment(said)
    if date is not None:
        now = _moment(headers.get("date", "")) or datetime.now(UTC)
        return _sensible((date - now).total_seconds())
    longest = _longest(said)
    return None if longest is None else _sensible(longest)


def _longest(text: str) -> float | None:
    """Return the largest of the numbers in a list; None if one of them is not a number."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    return max(numbers) if all(map(math.isfinite, numbers)) else None


def _sensible(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_ASKED)


def _moment(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
