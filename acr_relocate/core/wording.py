"""Durations, sizes and counts in words; foreign text made safe to show."""

import re
from typing import Final

# Control characters that move, hide or colour text in a terminal, and marks that reverse its direction.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
TAG_BEGINS: Final = re.compile(r"<(?=[A-Za-z/!?])")


def visible(text: str) -> str:
    r"""Return text with its control characters written out, such as `\\x1b`; tabs and ends of lines stay."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text.replace("\r\n", "\n"))


def duration(seconds: float) -> str:
    """Return `0.4 s`, `42 s`, `3 min 5 s` or `2 h 10 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """Return a number of bytes in a readable unit."""
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def plural(count: int, noun: str, *, none: str = "") -> str:
    """Return `no failure`, `1 failure`, `2 failures` or `2,400 registries`. `none`: the text for 0."""
    many = f"{noun[:-1]}ies" if noun.endswith(("ry", "cy")) else f"{noun}s"
    if not count:
        return none or f"no {noun}"
    return f"{count:,} {many if count > 1 else noun}"


def comment(text: str) -> str:
    """Return the text as one comment line of a shell script: neither a command, nor a tag where it is shown."""
    return "# " + TAG_BEGINS.sub("< ", " ".join(text.split()))
