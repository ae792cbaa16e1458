"""The body of importImage, understood and checked: what can be refused before anything is copied."""

import re
from dataclasses import dataclass
from typing import Any, Final

from local_azure.state.errors import AzureError, bad_request

_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class ImportRequest:
    """One import: an image of a source, the tags it shall have at the target, the repositories that get it untagged."""

    resource_id: str
    registry_uri: str
    username: str
    password: str
    repository: str
    reference: str  # a tag or a digest
    tags: tuple[tuple[str, str], ...]  # (repository, tag)
    untagged: tuple[str, ...]
    force: bool

    @property
    def image(self) -> str:
        """Return `repository:tag` or `repository@digest`."""
        return f"{self.repository}{'@' if self.reference.startswith('sha256:') else ':'}{self.reference}"


def parse_request(body: dict[str, Any]) -> ImportRequest:
    """Parse the request in a body; AzureError 400 for an invalid one."""
    source = body.get("source") or {}
    resource_id, uri = str(source.get("resourceId") or ""), str(source.get("registryUri") or "")
    if bool(resource_id) == bool(uri):
        raise invalid("The source needs either a resourceId or a registryUri.")
    mode = body.get("mode") or "NoForce"
    if mode not in ("NoForce", "Force"):
        raise invalid(f"The mode '{mode}' is not one of NoForce, Force.")
    repository, reference = _split(str(source.get("sourceImage") or ""), "latest")
    default = "latest" if reference.startswith("sha256:") else reference
    untagged = tuple(_checked(name) for name in body.get("untaggedTargetRepositories") or ())
    named = body.get("targetTags") or ([] if untagged else [repository])
    credentials = source.get("credentials") or {}
    return ImportRequest(
        resource_id=resource_id,
        registry_uri=uri.removeprefix("https://").rstrip("/").lower(),
        username=str(credentials.get("username") or ""),
        password=str(credentials.get("password") or ""),
        repository=repository,
        reference=reference,
        tags=tuple(_target(str(name), default) for name in named),
        untagged=untagged,
        force=mode == "Force",
    )


def invalid(message: str) -> AzureError:
    """Return the 400 for an invalid request."""
    return bad_request("InvalidParameters", message)


def _split(image: str, default: str) -> tuple[str, str]:
    repository, at, digest = image.partition("@")
    if at:
        if not _DIGEST.fullmatch(digest):
            raise invalid(f"The image '{image}' has no valid digest.")
        return _checked(repository.partition(":")[0]), digest
    repository, _, tag = image.partition(":")
    return _checked(repository), tag or default


def _target(name: str, default: str) -> tuple[str, str]:
    if "@" in name:
        raise invalid(f"The target tag '{name}' must not be a digest.")
    repository, tag = _split(name, default)
    if not _TAG.fullmatch(tag):
        raise invalid(f"The target tag '{name}' is invalid.")
    return repository, tag


def _checked(repository: str) -> str:
    if not _REPOSITORY.fullmatch(repository):
        raise invalid(f"The repository name '{repository}' is invalid.")
    return repository
