"""Cache rules of other registries: deleted, and made again under their names for the other upstream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from acr_relocate.azure.changes.switched.family import Family, HealthWatch, Json, not_switchable
from acr_relocate.azure.discovery.elsewhere import filled_by
from acr_relocate.azure.resources.activity_log import was_deleted
from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.downstream_rules import (
    RULES_API,
    facts_of_rule,
    fills_from,
    rule_changed_since,
    rule_health,
    rule_writes,
    why_rule_not_switched,
)
from acr_relocate.core.switching.facts import DependentHealth
from acr_relocate.core.switching.writes import SwitchWrite

_RULE: Final = "rule"
_DELETE: Final = (
    "Delete what the rule has filled, or the rule itself (`az acr cache delete`) and make it as you want it; then run "
    "again."
)


class CacheRule(Family):
    """Its record restores it while it is gone; a rule that has filled a repository is never deleted."""

    advice = "Look at the rule (`az acr cache show`)."

    async def require_deletion(self, since: str) -> None:
        """Raise RecordBroken if the rule is gone and Azure's activity log shows no deletion since this moment.

        A record alone could make a rule that never was: to write a deployment takes no right at the rule's registry.
        """
        found = await self.find()
        if found is None or found[_RULE] or await was_deleted(self.azure, self.facts.dependent_id, since):
            return
        raise RecordBroken(
            f"A record in Azure says that a switch has deleted the cache rule {self.facts.name}, but the activity log "
            f"shows no deletion of it since {since}. Nothing was done because of the record",
            code="RecordBroken",
            resource=self.facts.dependent_id,
            remedy="The activity log may lag by 15 minutes: run again then. If it still shows none, find out there who "
            "wrote the deployment with the record, and delete that deployment.",
        )

    async def find(self) -> Json | None:
        """Return the rule, also one that the switch has deleted; None if others have deleted it, or its registry."""
        doing = f"Looking at {self.facts.name}"
        rule = await self.azure.arm.find(self.facts.dependent_id, RULES_API, doing=doing)
        if rule:
            return {_RULE: rule}
        if self.facts.rule is None or self.facts.rule.settled:
            return None
        registry = self.facts.dependent_id.partition("/cacheRules/")[0]
        return None if await self.azure.arm.find(registry, STABLE, doing=doing) is None else {_RULE: None}

    def former(self, found: Json) -> SwitchedDependent | None:
        """Return the former value: the rule."""
        planned, rule = self.facts, found[_RULE]
        if rule is None or not fills_from(rule, planned.source_server):
            return None
        if reason := why_rule_not_switched(rule, None):
            raise not_switchable(planned, reason)
        return facts_of_rule(
            rule | {"id": planned.dependent_id},
            registry_id=planned.registry_id,
            source_server=planned.source_server,
            target_server=planned.target_server,
        )

    def changed_since(self, found: Json) -> str:
        """Return what others have changed of the rule."""
        return rule_changed_since(found[_RULE], self.facts) if found[_RULE] else ""

    def to_target(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the rule that fills from the target."""
        return rule_writes(found[_RULE], self.facts, self.facts.upstream_after)

    def to_source(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the former rule."""
        return rule_writes(found[_RULE], self.facts, self._former_upstream)

    def replaced(self, found: Json) -> tuple[str, ...]:
        """Return nothing of a rule that is gone: it cannot be healthy before."""
        return super().replaced(found) if found[_RULE] else ()

    async def health(self, server: str, part: str, before: frozenset[str]) -> DependentHealth:
        """Return whether Azure has made it for this server."""
        del part, before
        wanted = self.facts.upstream_after if server == self.facts.target_server else self._former_upstream
        return rule_health((await self.get())[_RULE], wanted)

    async def go_there(self, watch: HealthWatch, steps: Iterable[int]) -> bool:
        """Make it again for the target."""
        del steps
        moved = await self._made_again((found := await self.get()), self.to_target(found), "Switching")
        await watch.until_healthy(self.facts.target_server)
        return moved

    async def go_back(self, watch: HealthWatch) -> None:
        """Make it again as it was."""
        await self._made_again((found := await self.get()), self.to_source(found), "Restoring")
        await watch.until_healthy(self.facts.source_server)

    async def _made_again(self, found: Json, writes: tuple[SwitchWrite, ...], doing: str) -> bool:
        """Delete the rule and make the new one, if it has filled nothing at this moment; else raise RelocationError."""
        rule = found[_RULE]
        if writes and rule:
            if reason := why_rule_not_switched(rule, await filled_by(self.azure, rule)):
                raise not_switchable(self.facts, reason, _DELETE)
            await self.azure.arm.delete(self.facts.dependent_id, RULES_API, doing=f"{doing} {self.facts.name}")
        return await self.send(writes, doing)

    @property
    def _former_upstream(self) -> str:
        return self.facts.rule.source if self.facts.rule else ""
