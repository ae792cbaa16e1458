"""Cache rules: repositories that a registry fills from an upstream registry on demand."""

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.target.children.move import Move, Moved, carried


def rewrite_cache_rule(child: Child, move: Move) -> Moved:
    """Return the cache rule with the target's credential set of the same name.

    Deployed before the imports: Azure refuses a rule for an existing repository (artifact-cache-overview).
    """
    rule = carried(child)
    if "credentialSetResourceId" in rule.properties:
        rule.properties["credentialSetResourceId"] = move.retarget(rule.properties["credentialSetResourceId"])
    return rule, ()
