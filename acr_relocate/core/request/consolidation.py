"""Several sources into one target: each below a prefix, and whose value holds where their settings differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from acr_relocate.core.model import FormModel
from acr_relocate.core.registry.rename_map import BELOW, rename_rules
from acr_relocate.core.request.registry_refs import RegistryRef


def _prefix(text: str) -> str:
    plain = text.strip().strip("/")
    rename_rules({"all": f"{plain}/all"})
    return plain


class ConsolidatedSource(FormModel):
    """One of the sources, and the prefix of its repositories at the target."""

    registry: RegistryRef = Field(title="Source registry", description="The registry to move.")
    prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        title="Prefix",
        min_length=1,
        description="All its repositories are below this name at the target: with shop, app becomes shop/app.",
    )


class Consolidation(FormModel):
    """The sources that move into one target, in order of precedence. Without a source: an ordinary relocation."""

    sources: list[ConsolidatedSource] = Field(
        default=[],
        title="Sources",
        description="In this order they are moved, and where their settings differ the first one's value holds.",
    )
    decisions: dict[str, str] = Field(
        default={},
        title="Decisions",
        description="For a setting or a child resource in which they differ, as the plan names it: the name of the "
        "source whose value holds.",
    )

    @model_validator(mode="after")
    def _keeps_them_apart(self) -> Consolidation:
        names, prefixes = self.names, [one.prefix for one in self.sources]
        if len(names) == 1:
            raise ValueError("consolidation.sources: one source alone needs no consolidation")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"consolidation.sources: twice in it: {', '.join(twice)}")
        for one in prefixes:
            if above := [other for other in prefixes if other is not one and f"{one}/".startswith(f"{other}/")]:
                raise ValueError(f'consolidation.sources: the prefix "{one}" is not apart from "{above[0]}"')
        if unknown := sorted(set(self.decisions.values()) - set(names)):
            raise ValueError(f"consolidation.decisions: {unknown[0]} is not one of the sources")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the sources, in order of precedence."""
        return tuple(one.registry.name for one in self.sources)

    def prefix_of(self, name: str) -> str:
        """Return the prefix of a source."""
        return next(one.prefix for one in self.sources if one.registry.name == name)

    def prefixes_beside(self, name: str) -> tuple[str, ...]:
        """Return the beginnings of names at the target that belong to the other sources."""
        return tuple(f"{one.prefix}/" for one in self.sources if one.registry.name != name)

    def located(self, found: Mapping[str, RegistryRef]) -> Consolidation:
        """Return the consolidation with these registries, by name, at their places."""
        sources = [
            one.model_copy(update={"registry": found.get(one.registry.name, one.registry)}) for one in self.sources
        ]
        return self.model_copy(update={"sources": sources})

    def before(self, name: str) -> tuple[RegistryRef, ...]:
        """Return the sources that are moved before this one."""
        return tuple(one.registry for one in self.sources[: self.names.index(name)])

    def beside(self, name: str) -> tuple[RegistryRef, ...]:
        """Return the other sources."""
        return tuple(one.registry for one in self.sources if one.registry.name != name)

    def is_first(self, name: str) -> bool:
        """Return whether this source makes the target; also without a consolidation."""
        return not self.sources or self.names[0] == name

    def is_last(self, name: str) -> bool:
        """Return whether no source is moved after this one; also without a consolidation."""
        return not self.sources or self.names[-1] == name

    def require_part(self, name: str, rename: dict[str, str]) -> None:
        """Raise ValueError unless the source is one of these, and all its names at the target are below its prefix."""
        if not self.sources:
            return
        if name not in self.names:
            raise ValueError(f"consolidation.sources: the source {name} is not one of them")
        prefix = self.prefix_of(name)
        for here, there in rename.items():
            if not there.startswith(f"{prefix}/"):
                raise ValueError(f'rename: "{here}: {there}" leads out of the prefix {prefix}')


def with_prefix(data: object) -> object:
    """Return the data of a request, with the rule that leads all repositories of the source below its prefix."""
    if not isinstance(data, dict) or not data.get("consolidation"):
        return data
    together = Consolidation.model_validate(data["consolidation"])
    source = RegistryRef.model_validate(data.get("source"))
    if source.name not in together.names:
        return data
    return data | {"rename": {**(data.get("rename") or {}), BELOW: f"{together.prefix_of(source.name)}/{BELOW}"}}
