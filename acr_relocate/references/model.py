"""The rename, the model of a reference, and the rule which references a rewrite may touch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from pydantic import Field

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.regions import normalise_region
from acr_relocate.core.registry.rename_map import RenameMap, rename_rules

LOGIN_SERVER: Final = re.compile(r"(?P<name>[a-z0-9]{5,50})(?:-[a-z0-9]+)?\.azurecr\.(?:io|cn|us)", re.IGNORECASE)
_REGISTRY_ID: Final = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.ContainerRegistry/registries/(?P<name>[a-z0-9]+)",
    re.IGNORECASE,
)


class ReferenceKind(StrEnum):
    """The kind of a reference. PULL_SECRET and PROBABLE are rewritten only on request."""

    IMAGE = "image"
    ENDPOINT = "endpoint"
    RESOURCE_ID = "resource-id"
    NAME = "name"
    PULL_SECRET = "pull-secret"  # noqa: S105 - the name of a class, not a password
    PROBABLE = "probable"


class RegistryId(NamedTuple):
    """The parts of a registry's resource id that a relocation changes."""

    subscription: str
    group: str
    name: str


class Rename(FrozenModel):
    """The old and the new registry in texts. Empty fields are unknown, and never rewritten.

    `source` and `target` are login servers; regions are those of the two home registries (their data endpoints).
    `repositories`: those with another name at the target, as in a request.
    """

    source: str
    target: str
    source_region: str = ""
    target_region: str = ""
    source_group: str = ""
    target_group: str = ""
    source_id: str = ""
    target_id: str = ""
    repositories: dict[str, str] = Field(default_factory=dict)

    def reversed(self) -> Rename:
        """Return the reverse rename, with all known fields."""
        return Rename(
            source=self.target,
            target=self.source,
            source_region=self.target_region,
            target_region=self.source_region,
            source_group=self.target_group,
            target_group=self.source_group,
            source_id=self.target_id,
            target_id=self.source_id,
            repositories={there: here for here, there in self.repositories.items()},
        )

    @property
    def repository_names(self) -> RenameMap:
        """Return the names of repositories at the target."""
        return RenameMap(rules=self.repositories)

    @property
    def names(self) -> tuple[str, str]:
        """Return the bare names of both registries; empty for a host that is not a login server."""
        return registry_name(self.source), registry_name(self.target)

    @property
    def groups(self) -> tuple[str, str]:
        """Return the resource groups of both registries, from their ids if not given."""
        if self.source_group:
            return self.source_group, self.target_group
        return (self.ids[0].group, self.ids[1].group) if self.ids else ("", "")

    @property
    def ids(self) -> tuple[RegistryId, RegistryId] | None:
        """Return the parts of both resource ids, if given."""
        source, target = _REGISTRY_ID.fullmatch(self.source_id), _REGISTRY_ID.fullmatch(self.target_id)
        return (RegistryId(*source.groups()), RegistryId(*target.groups())) if source and target else None


class Reference(FrozenModel):
    """One place in a text that names the registry. Offsets count characters; line and column begin at 1.

    `replacement` is None if it is unknown; `note` says why, or what else has to be done.
    `downgraded`: it surely names the registry, and is PROBABLE for another reason.
    `text` is the original, except for an `encoded` value: it may hold a password, so that both are only described.
    """

    kind: ReferenceKind
    start: int
    end: int
    line: int = 0
    column: int = 0
    text: str
    replacement: str | None
    note: str = ""
    encoded: bool = False
    downgraded: bool = False


class Choice(FrozenModel):
    """The kinds that are left alone by default and rewritten on request."""

    probable: bool = False
    pull_secrets: bool = False

    def rewrites(self, reference: Reference) -> bool:
        """Return whether a rewrite replaces this reference."""
        asked_for = {ReferenceKind.PROBABLE: self.probable, ReferenceKind.PULL_SECRET: self.pull_secrets}
        return reference.replacement is not None and asked_for.get(reference.kind, True)


@lru_cache(maxsize=64)
def registry_name(host: str) -> str:
    """Return the registry's name: the host's first label without the hash of a domain name label scope."""
    match = LOGIN_SERVER.fullmatch(host)
    return match["name"].lower() if match else ""


def recase(found: str, old: str, new: str) -> str:
    """Return `new` in the case in which `found` writes `old`: as it is, in capitals, or with a capital."""
    if found == old:
        return new
    if found.lower() == new.lower():
        return found
    if found.isupper():
        return new.upper()
    return new.capitalize() if found == found.capitalize() else new


def parse_rename(source: str, target: str, repositories: Mapping[str, str] | None = None, **details: str) -> Rename:
    """Return the rename that the options of a command describe, or raise InvalidRequest with one message."""
    given = {name: value.strip() for name, value in details.items()}
    rename = Rename(source=_login_server("--from", source), target=_login_server("--to", target), **given)
    if repositories:
        rename = rename.model_copy(update={"repositories": _rules(repositories)})
    if rename.source == rename.target:
        raise InvalidRequest(f"--from and --to are both {rename.source}: there is nothing to rewrite.")
    _both_or_none(rename)
    _matching_ids(rename)
    if not rename.source_region:
        return rename
    regions = {field: normalise_region(given[field]) for field in ("source_region", "target_region")}
    return rename.model_copy(update=regions)


def _rules(repositories: Mapping[str, str]) -> dict[str, str]:
    try:
        return rename_rules(repositories)
    except ValueError as error:
        raise InvalidRequest(f"--rename: {error}") from None


def _login_server(option: str, value: str) -> str:
    """Return the login server in lower case, which is how registries spell it."""
    host = value.strip().lower()
    if LOGIN_SERVER.fullmatch(host):
        return host
    meant = LOGIN_SERVER.search(host)
    remedy = (
        f"Give only the host: {meant[0]}."
        if meant
        else "It looks like contoso.azurecr.io (.cn and .us in China and US Gov)."
    )
    raise InvalidRequest(f"{option} {value!r} is not a registry's login server.", remedy=remedy)


def _both_or_none(rename: Rename) -> None:
    """Require both or neither: a one-sided pair would rewrite half of a reference."""
    for option, source, target in (
        ("region", rename.source_region, rename.target_region),
        ("resource-group", rename.source_group, rename.target_group),
        ("id", rename.source_id, rename.target_id),
    ):
        if bool(source) != bool(target):
            raise InvalidRequest(f"--{option}-from and --{option}-to belong together: give both or neither.")


def _matching_ids(rename: Rename) -> None:
    """Require resource ids of registries, matching the given login servers."""
    for option, value, name in (
        ("--id-from", rename.source_id, rename.names[0]),
        ("--id-to", rename.target_id, rename.names[1]),
    ):
        match = _REGISTRY_ID.fullmatch(value)
        if value and not match:
            raise InvalidRequest(f"{option} {value!r} is not the resource id of a registry.")
        if match and match["name"].lower() != name:
            raise InvalidRequest(f"{option} is of registry {match['name']}, but the login server is of {name}.")
