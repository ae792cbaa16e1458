"""Replications: the home region's is implicit, one in the target's region becomes home, the others stay."""

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def rewrite_replication(child: Child, move: Move) -> Moved:
    """Return the replication, unless its region is or becomes the home, whose replication Azure creates itself.

    Deploying the home replication fails or never ends (Azure/acr#294, #623).
    """
    region = normalise_location(child.location or child.name)
    if is_home_replication(child, move.source):
        return None, ()
    if region == move.location:
        message = f"The replication in {region} is not created: {region} becomes the home region of the target."
        return None, (note("replication_becomes_home", "note", child, message, ""),)
    return carried(child, location=region), ()


def is_home_replication(child: Child, registry: Registry) -> bool:
    """Return whether this is the replication of the registry's own region, which Azure creates itself."""
    return child.kind == "replications" and normalise_location(child.location or child.name) == normalise_location(
        registry.location
    )
