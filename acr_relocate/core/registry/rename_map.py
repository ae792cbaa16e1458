"""Repositories under another name at the target: the rules of the request, and both directions of a name.

Everything is compared and planned under the names of the source. A name of the target is read as the name at the
source that leads there (`to_source`), and written as the name that it has there (`to_target`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import Field

from acr_relocate.core.model import FrozenModel

BELOW: Final = "**"
"""At the end of a name: all repositories below it. Alone: all repositories."""

AT_TARGET: Final = "target:"
"""Begins the name of a repository of the target without a name at the source. No repository has a colon."""

LONGEST_NAME: Final = 256
_NAME: Final = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")


class RenameMap(FrozenModel):
    """The names of repositories at the target.

    `rules`: a repository and its name there, or `legacy/**` and `archive/legacy/**`. The rule for a whole name comes
    first, then the one with the longest beginning. `known`: the source's selected repositories, which decide where a
    name at the target may come from several. `others`: beginnings of names at the target that belong to other sources.
    """

    rules: dict[str, str] = Field(default_factory=dict)
    known: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()

    def to_target(self, name: str) -> str:
        """Return the name at the target."""
        if name.startswith(AT_TARGET):
            return name.removeprefix(AT_TARGET)
        if not self.rules:
            return name
        if name in self.rules and not name.endswith(BELOW):
            return self.rules[name]
        for beginning, there in self._beginnings:
            if is_below(name, beginning):
                return there + name.removeprefix(beginning)
        return name

    def image_at_target(self, image: str) -> str:
        """Return the image (`team/app:1.2`, `team/app@sha256:…`) under the name of its repository at the target."""
        repository = image.partition("@")[0].partition(":")[0]
        return self.to_target(repository) + image[len(repository) :]

    def to_source(self, name: str) -> str:
        """Return the name at the source that leads to this name; one that begins with `target:` otherwise."""
        if not self.rules:
            return name
        found = [one for one in self._may_be(name) if self.to_target(one) == name]
        return next((one for one in found if one in self.known), found[0] if found else f"{AT_TARGET}{name}")

    def own(self, catalogue: Iterable[str]) -> list[str]:
        """Return the names at the source for those of the target's catalogue, without what other sources brought."""
        return [self.to_source(name) for name in catalogue if not name.startswith(self.others)]

    def knowing(self, names: Iterable[str]) -> RenameMap:
        """Return the map with the selected repositories of the source."""
        return self.model_copy(update={"known": frozenset(names)}) if self.rules else self

    def collisions(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return each name at the target to which several of these names lead, with those."""
        leading: dict[str, set[str]] = {}
        for name in names:
            leading.setdefault(self.to_target(name), set()).add(name)
        return {there: tuple(sorted(here)) for there, here in sorted(leading.items()) if len(here) > 1}

    def too_long(self, names: Iterable[str]) -> dict[str, str]:
        """Return the names whose name at the target is longer than a registry takes."""
        return {name: there for name in names if len(there := self.to_target(name)) > LONGEST_NAME}

    def idle(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the rules that apply to none of these repositories."""
        used = {self._rule_of(name) for name in names}
        return tuple(rule for rule in self.rules if rule not in used)

    def moved(self, names: Iterable[str]) -> dict[str, str]:
        """Return the names that are others at the target, with those."""
        return {name: there for name in names if (there := self.to_target(name)) != name}

    def all_below(self, beginning: str) -> tuple[str, ...]:
        """Return what stands at the target for all repositories whose names begin so.

        Whole names, and beginnings that end with a star. `beginning`: `team/`, or empty for all repositories.
        """
        whole = self._beginning_there(beginning)
        inside = [
            f"{there.removesuffix(BELOW)}*" if here.endswith(BELOW) else there
            for here, there in self.rules.items()
            if here.removesuffix(BELOW).startswith(beginning) and here.removesuffix(BELOW) != beginning
        ]
        covered = (one for one in inside if not one.startswith(whole))
        return tuple(dict.fromkeys([f"{whole}*", *sorted(covered)]))

    def beginning_at_target(self, beginning: str) -> str | None:
        """Return how all names that begin so begin at the target; None if they do not all begin alike."""
        whole = self._beginning_there(beginning)
        inside = [rule for rule in self.rules.items() if rule[0].removesuffix(BELOW).startswith(beginning)]
        return whole if all(there == whole + here.removeprefix(beginning) for here, there in inside) else None

    def _beginning_there(self, beginning: str) -> str:
        for here, there in self._beginnings:
            if beginning.startswith(here):
                return there + beginning.removeprefix(here)
        return beginning

    @property
    def _beginnings(self) -> list[tuple[str, str]]:
        """Return the rules for beginnings, the longest first."""
        pairs = [
            (here.removesuffix(BELOW), there.removesuffix(BELOW))
            for here, there in self.rules.items()
            if here.endswith(BELOW)
        ]
        return sorted(pairs, key=lambda pair: -len(pair[0]))

    def _may_be(self, name: str) -> Iterator[str]:
        """Yield the names at the source that may lead to this one, the likeliest first."""
        yield from (here for here, there in self.rules.items() if there == name and not here.endswith(BELOW))
        for here, there in self._beginnings:
            if is_below(name, there):
                yield here + name.removeprefix(there)
        yield name

    def _rule_of(self, name: str) -> str:
        if name in self.rules:
            return name
        return next((f"{here}{BELOW}" for here, _ in self._beginnings if is_below(name, here)), "")


AS_AT_SOURCE: Final = RenameMap()


def is_below(name: str, beginning: str) -> bool:
    """Return whether the name begins so and goes on."""
    return name.startswith(beginning) and len(name) > len(beginning)


def rename_rules(rules: Mapping[str, str]) -> dict[str, str]:
    """Return the rules. Raises ValueError for an invalid name, and for two names that always become the same."""
    whole: dict[str, str] = {}
    for here, there in rules.items():
        for name in (here, there):
            _require_name(name)
        if here.endswith(BELOW) != there.endswith(BELOW):
            raise ValueError(
                f'"{here}: {there}": both have to be names, or both have to end with /**, which is all that is below'
            )
        if not here.endswith(BELOW):
            if there in whole:
                raise ValueError(f'"{whole[there]}" and "{here}" would both be {there} at the target')
            whole[there] = here
    return dict(rules)


def _require_name(text: str) -> None:
    plain = text.removesuffix(f"/{BELOW}") if text != BELOW else ""
    if plain != plain.lower():
        raise ValueError(f'"{text}": repository names are lower-case')
    if len(plain) > LONGEST_NAME:
        raise ValueError(f'"{text[:40]}…" is longer than {LONGEST_NAME} characters')
    if text != BELOW and not _NAME.fullmatch(plain):
        raise ValueError(
            f'"{text}" is neither a repository such as team/app nor all below one such as team/**: names are letters '
            "and digits, with ._- between them and / between their parts, without the registry and without a tag"
        )
