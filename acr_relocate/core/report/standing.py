"""The stage of a relocation, from the present state: planned, copied so far, prepared, cut over, deletable, deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.wording import plural

_Stage = Literal[
    "not_found",
    "not_planned",
    "planned",
    "copied",
    "prepared",
    "cut_over",
    "soaking",
    "deletable",
    "deleted",
    "other_relocation",
]

_SHOWN: Final = 5


class Standing(FrozenModel):
    """The stage of a relocation. `present` of `total` digests are at the target; `to_do`: pending cut-over actions.

    `users`: the names of dependents that still run images of the source or name it; `switched`: how many a switch has
    pointed at the target. `is_planned`: whether a plan was made on this machine. `relocated_at`: when a run from this
    machine ended as relocated. The deletion checks much more than the date.
    `owed`: what a killed run has changed and not restored, a sentence each.
    """

    source: str
    target: str
    source_exists: bool
    target_exists: bool
    is_ours: bool = True
    in_place: bool = False
    is_planned: bool = True
    present: int = 0
    total: int = 0
    to_do: int = 0
    soak_days: int = 0
    relocated_at: datetime | None = None
    owed: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    switched: int = 0
    now: datetime

    @property
    def soaking_until(self) -> datetime | None:
        """Return the end of the soak period; None if its start is unknown."""
        return self.relocated_at + timedelta(days=self.soak_days) if self.relocated_at else None

    @property
    def stage(self) -> _Stage:  # noqa: PLR0911 - one for each stage
        """Return the stage."""
        if not self.source_exists:
            return "deleted" if self.target_exists and self.is_ours else "not_found"
        if not self.target_exists:
            return "planned" if self.is_planned else "not_planned"
        if not self.is_ours:
            return "other_relocation"
        if self.present < self.total or not self.in_place:
            return "copied"
        if self.to_do:
            return "prepared"
        if self.soaking_until is None:
            return "cut_over"
        return "soaking" if self.now < self.soaking_until else "deletable"

    @property
    def percent(self) -> int:
        """Return the percentage of the content that is at the target: 100 only if complete."""
        return 100 * self.present // self.total if self.total else 100

    @property
    def verdict(self) -> str:
        """Return the stage in one line."""
        until = f"{self.soaking_until:%Y-%m-%d %H:%M} UTC" if self.soaking_until else ""
        return {
            "not_planned": f"not planned: {self.target} does not exist, and no plan was made on this machine",
            "not_found": f"not found: neither {self.source} nor a target of it is there",
            "planned": f"planned: {self.target} is not created yet",
            "copied": f"copied {self.percent} %: {self.total - self.present:,} of {self.total:,} digests to import",
            "prepared": f"prepared: {self.to_do} cut-over actions to do",
            "cut_over": f"cut over: keep {self.source} for {self.soak_days} days without pulls",
            "soaking": f"cut over: soaking until {until}",
            "deletable": f"deletable: soaked since {until}",
            "deleted": f"deleted: {self.target} has taken the place of {self.source}",
            "other_relocation": f"blocked: {self.target} is not the target of this relocation",
        }[self.stage]

    @property
    def next_command(self) -> str:
        """Return the next command; empty if nothing is left to do."""
        if self.owed:
            return "acr-relocate thaw REQUEST"
        return {
            "not_found": "acr-relocate doctor REQUEST",
            "not_planned": "acr-relocate plan REQUEST",
            "planned": "acr-relocate run REQUEST",
            "copied": "acr-relocate run REQUEST",
            "prepared": "acr-relocate cut-over REQUEST",
            "cut_over": "acr-relocate delete-source REQUEST",
            "soaking": "acr-relocate sync REQUEST",
            "deletable": "acr-relocate delete-source REQUEST",
            "deleted": "",
            "other_relocation": "acr-relocate plan REQUEST",
        }[self.stage]

    @property
    def _users(self) -> str:
        shown = f": {', '.join(self.users[:_SHOWN])}" if self.users else ""
        rest = f" and {len(self.users) - _SHOWN} more" if len(self.users) > _SHOWN else ""
        return f"{plural(len(self.users), 'dependent', none='no dependent')} of {self.source}{shown}{rest}"

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return the facts for a person, each with its label."""
        there = {True: "exists", False: "does not exist"}
        return (
            ("Source", f"{self.source} {there[self.source_exists]}"),
            ("Target", f"{self.target} {there[self.target_exists]}"),
            *([("Content", f"{self.present:,} of {self.total:,} digests, {self.percent} %")] if self.total else []),
            *([("Users", self._users)] if self.target_exists and self.is_ours else []),
            *([("Switched", plural(self.switched, "dependent"))] if self.switched else []),
            *(("Owed", each) for each in self.owed),
        )
