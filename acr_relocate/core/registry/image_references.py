"""Lists of images, one reference a line: what clusters run now, or what an earlier run left behind.

A reference is `[host/]repository[:tag][@digest]`, as Kubernetes and Docker show it: what stands before the first slash
is a host if it has a full stop or a colon in it. One with the host of another registry means nothing here. With a
digest the tag is only what it was called; one with neither means `latest`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from acr_relocate.core.model import FrozenModel

_REFERENCE: Final = re.compile(
    r"(?:(?P<host>localhost(?::\d+)?|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+|\.[A-Za-z0-9-]+))/)?"
    r"(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


class ImageReference(FrozenModel):
    """An image by repository and by tag, digest or both, and in which registry if that is said."""

    repository: str
    tag: str = ""
    digest: str = ""
    host: str = ""

    def __str__(self) -> str:
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def is_at(self, login_server: str) -> bool:
        """Whether the registry may be meant."""
        return self.host.lower() in {"", login_server.lower()}

    def means(self, digest: str, tags: Iterable[str]) -> bool:
        """Whether a manifest of the repository, under these tags, is what it names."""
        return digest == self.digest if self.digest else self.tag in tags


def parse_reference(text: str) -> ImageReference:
    """Return what the text refers to, or raise ValueError."""
    found = _REFERENCE.fullmatch(_without_scheme(text))
    if not found:
        raise ValueError(f'"{text}" is not an image such as team/app:1.2 or team/app@sha256:<64 hexadecimal digits>')
    tag, digest = found["tag"] or "", found["digest"] or ""
    tag = tag or ("" if digest else "latest")
    return ImageReference(repository=found["repository"], tag=tag, digest=digest, host=found["host"] or "")


def image_reference(text: str) -> str:
    """Return the text, or raise ValueError if it is not a reference."""
    parse_reference(text)
    return _without_scheme(text)


def _without_scheme(text: str) -> str:
    """Return the text without what a node with Docker puts before an image's reference."""
    return re.sub(r"^docker(-pullable)?://", "", text.strip())


def matching_references(texts: Iterable[str], login_server: str) -> tuple[ImageReference, ...]:
    """Return those that this registry may be meant by."""
    parsed = map(parse_reference, texts)
    return tuple(reference for reference in parsed if reference.is_at(login_server))
