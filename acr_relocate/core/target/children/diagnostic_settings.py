"""Diagnostic settings: the destinations of a registry's logs and metrics."""

from typing import Final

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.target.children.move import Move, Moved, carried, note

_ANYWHERE: Final = ("workspaceId", "marketplacePartnerId")
SAME_REGION: Final = ("storageAccountId", "eventHubAuthorizationRuleId")


def rewrite_diagnostic_setting(child: Child, move: Move) -> Moved:
    """Return the setting with the sinks that the target can use.

    A storage account or an event hub must be in the registry's own region, a workspace need not be (Azure Monitor,
    diagnostic settings).
    """
    setting, notes = carried(child), []
    for sink in SAME_REGION:
        there = setting.properties.get(sink)
        if there and not move.is_there(there):
            del setting.properties[sink]
            message = f"Diagnostic setting {child.name} will not send to {there}: that is not known to be in "
            remedy = f"# In the request:\nreplacements:\n  {there}: RESOURCE-ID-IN-{move.location}"
            notes.append(note("diagnostic_sink_of_old_region", "decision", child, f"{message}{move.location}.", remedy))
    if "eventHubAuthorizationRuleId" not in setting.properties:
        setting.properties.pop("eventHubName", None)
    has_sink = any(setting.properties.get(sink) for sink in (*_ANYWHERE, *SAME_REGION))
    return setting if has_sink else None, tuple(notes)
