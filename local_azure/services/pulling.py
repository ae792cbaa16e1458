"""Whether an identity can pull an image, in the words of the registry."""

import re
from typing import TYPE_CHECKING, Final

from local_azure.arm.authorization import data_actions
from local_azure.state.directory import Principal

if TYPE_CHECKING:
    from local_azure.state.content import Repository
    from local_azure.state.world import World

IMAGE: Final = re.compile(r"([^/\s]+)/([^@:\s]+)(?::([^@\s]+))?(?:@(\S+))?")


def pull_refusal(world: "World", principal: Principal | None, host: str, repository: str, reference: str) -> str:
    """Return why the identity cannot pull the image, in the registry's words; empty if it can."""
    registry = world.registry_at(host)
    if registry is None:
        return f"dial tcp: lookup {host}: no such host"
    if principal is None or "pull" not in data_actions(world, principal, registry.id, repository):
        return f"failed to authorize: failed to fetch anonymous token: 401 Unauthorized: {host}/{repository}"
    held = world.content[registry.name].repositories.get(repository)
    if held is None or not _is_whole(held, reference):
        return f"{host}/{repository}: {reference}: not found"
    return ""


def is_registry_of_azure(host: str) -> bool:
    """Return whether the host is a registry of this Azure; others are beyond it, and are taken to serve."""
    return host.lower().endswith(".azurecr.io")


def _is_whole(repository: "Repository", reference: str) -> bool:
    """Return whether the manifest exists with every blob; of an index, that of one platform."""
    entry = repository.resolve(reference)
    if entry is None:
        return False
    manifest = entry.manifest
    if manifest.children:
        return any(_is_whole(repository, child) for child in manifest.children)
    return all(digest in repository.blobs for digest, _ in manifest.blobs())
