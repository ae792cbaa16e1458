"""Lists of images, one reference a line: images that clusters run now, or that an earlier run did not import.

A reference is `[host/]repository[:tag][@digest]`, as Kubernetes and Docker show it: the part before the first slash
is a host if it contains a full stop or a colon. A reference with the host of another registry is ignored. With a
digest, the tag is informational; without tag and digest it means `latest`.
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
    """An image by repository and by tag, digest or both, with its registry if given."""

    repository: str
    tag: str = ""
    digest: str = ""
    host: str = ""

    def __str__(self) -> str:
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def is_at(self, login_server: str) -> bool:
        """Return whether the reference may refer to this registry."""
        return self.host.lower() in {"", login_server.lower()}

    def means(self, digest: str, tags: Iterable[str]) -> bool:
        """Return whether it refers to a manifest of the repository with this digest and these tags."""
        return digest == self.digest if self.digest else self.tag in tags


def parse_reference(text: str) -> ImageReference:
    """Return the parsed reference, or raise ValueError."""
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
    """Return the reference without the scheme that a Docker node prepends."""
    return re.sub(r"^docker(-pullable)?://", "", text.strip())


def matching_references(texts: Iterable[str], login_server: str) -> tuple[ImageReference, ...]:
    """Return the references that may refer to this registry."""
    parsed = map(parse_reference, texts)
    return tuple(reference for reference in parsed if reference.is_at(login_server))
