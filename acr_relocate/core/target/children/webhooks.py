"""Webhooks: moved with the home region. Their addresses are secrets, which a deployment passes on unseen."""

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.renamed_settings import webhook_scope
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def is_enabled(webhook: Child) -> bool:
    """Return whether the webhook calls its receiver."""
    return says(webhook.properties.get("status") or "enabled", "enabled")


def rewrite_webhook(child: Child, move: Move) -> Moved:
    """Return the webhook in the target's region, or in the replica's if it was in a replica's.

    Its scope has the name of its repository at the target.

    Azure never returns `serviceUri` and `customHeaders`: the template has secure parameters for them.
    """
    scope = str(child.properties.get("scope") or "")
    there = webhook_scope(scope, move.request.names)
    if there is None:
        remedy = f"Rename all of {scope} or nothing of it, or create a webhook for each part at the target."
        message = f"Webhook {child.name} is not created: only a part of its scope {scope} is renamed."
        return None, (note("renamed_in_parts", "decision", child, message, remedy),)
    if there != scope:
        child = child.model_copy(update={"properties": child.properties | {"scope": there}})
    region = normalise_location(child.location or move.home)
    if region != move.home:
        return carried(child, location=region), ()
    receiver = note(
        "webhook_calls_from_new_region",
        "note",
        child,
        f"Webhook {child.name} will call from {move.location}.",
        f"If its receiver has a firewall, allow the service tag AzureContainerRegistry.{move.location}.",
    )
    return carried(child, location=move.location), (receiver,)
