"""Cache rules: repositories that a registry fills from an upstream registry on demand."""

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.renamed_settings import cached_repository
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def rewrite_cache_rule(child: Child, move: Move) -> Moved:
    """Return the cache rule with the target's credential set of the same name, for the name of its repository there.

    Deployed before the imports: Azure refuses a rule for an existing repository (artifact-cache-overview).
    """
    rule = carried(child)
    if "credentialSetResourceId" in rule.properties:
        rule.properties["credentialSetResourceId"] = move.retarget(rule.properties["credentialSetResourceId"])
    if not move.request.rename:
        return rule, ()
    filled = str(rule.properties.get("targetRepository") or "")
    there = cached_repository(filled, move.request.names)
    if there is None:
        return None, (note("renamed_in_parts", "decision", child, *_in_parts(child, filled)),)
    rule.properties["targetRepository"] = there
    return rule, ()


def _in_parts(child: Child, filled: str) -> tuple[str, str]:
    return (
        f"Cache rule {child.name} is not created: it fills {filled}, of which only a part is renamed.",
        f"Rename all of {filled} or nothing of it, or create a cache rule for each part at the target.",
    )
