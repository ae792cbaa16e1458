"""The rights that a rehearsal takes beyond a plan's: those of a relocation, at resource groups of its own."""

from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.access.roles import ACR, DEPLOYMENTS, GROUPS, Right

_OF_ITS_OWN: Final = {
    f"{GROUPS}/write": "make the groups of the rehearsal",
    f"{DEPLOYMENTS}/write": "record what is going to be made",
    "Microsoft.ManagedIdentity/userAssignedIdentities/read": "see whether the identity is there",
    "Microsoft.ManagedIdentity/userAssignedIdentities/write": "make an identity that may pull",
    "Microsoft.Authorization/roleAssignments/write": "give it a role at both registries",
    f"{ACR}/push/write": "push the synthetic artifacts",
    f"{ACR}/webhooks/getCallbackConfig/action": "read the webhooks of the small source, which are disabled",
    f"{ACR}/delete": "remove both registries",
    "Microsoft.ManagedIdentity/userAssignedIdentities/delete": "remove the identity",
    f"{GROUPS}/resources/read": "see whether a group holds anything else",
    f"{GROUPS}/delete": "remove the groups",
}
_NOT_REHEARSED: Final = ("Microsoft.Insights/diagnosticSettings", "Microsoft.Network/privateEndpoints")
_JOINED: Final = ("subnets", "identities")


def of_rehearsals(relocation: Iterable[Right]) -> Iterator[Right]:
    """Yield them, given those of a relocation. Azure names the one that is missing, and the report has it."""
    for action, call in _OF_ITS_OWN.items():
        yield Right(action, "rehearse", "rehearsal", "AccessDenied", call)
    for right in relocation:
        if right.action in _OF_ITS_OWN or right.action.startswith(_NOT_REHEARSED) or "privateEndpoint" in right.action:
            continue
        if right.duty == "relocate" or right.action.endswith(("joinViaServiceEndpoint/action", "assign/action")):
            place = right.place if right.place in _JOINED else "rehearsal"
            yield right._replace(duty="rehearse", place=place, found_by="AccessDenied")
