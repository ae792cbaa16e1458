"""The rights that a rehearsal takes beyond a plan's: those of a relocation, at resource groups of its own."""

from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.access.roles import ACR, DEPLOYMENTS, GROUPS, LOG_DESTINATIONS, Right

_OF_ITS_OWN: Final = {
    f"{GROUPS}/write": "make the groups of the rehearsal",
    f"{DEPLOYMENTS}/write": "record what is going to be made",
    "Microsoft.ManagedIdentity/userAssignedIdentities/read": "see whether the identity is there",
    "Microsoft.ManagedIdentity/userAssignedIdentities/write": "make an identity that may pull",
    "Microsoft.Authorization/roleAssignments/write": "give it a role at both registries",
    f"{ACR}/push/write": "push the synthetic artifacts",
    f"{ACR}/webhooks/getCallbackConfig/action": "read the webhooks of the small source, which are disabled",
    "Microsoft.Authorization/locks/write": "lock the small source as the source is",
    "Microsoft.Authorization/locks/delete": "lift the locks of both registries",
    "Microsoft.Insights/diagnosticSettings/delete": "remove a diagnostic setting that was tried",
    "Microsoft.Network/privateEndpoints/delete": "remove a private endpoint that was tried",
    f"{ACR}/replications/delete": "remove a replica that was measured",
    f"{ACR}/delete": "remove both registries",
    "Microsoft.ManagedIdentity/userAssignedIdentities/delete": "remove the identity",
    f"{GROUPS}/resources/read": "see whether a group holds anything else",
    f"{GROUPS}/delete": "remove the groups",
}
_NOT_REHEARSED: Final = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write"
_JOINED: Final = ("subnets", "identities", *(one.place for one in LOG_DESTINATIONS.values()))
_REHEARSED: Final = ("relocate", "relocate-network", "relocate-logs")


def of_rehearsals(relocation: Iterable[Right]) -> Iterator[Right]:
    """Yield them, given those of a relocation. Azure names the one that is missing, and the report has it."""
    for action, call in _OF_ITS_OWN.items():
        yield Right(action, "rehearse", "rehearsal", "AccessDenied", call)
    for right in relocation:
        if right.action in {*_OF_ITS_OWN, _NOT_REHEARSED}:
            continue
        if right.duty in _REHEARSED:
            place = right.place if right.place in _JOINED else "rehearsal"
            yield right._replace(duty="rehearse", place=place, found_by="AccessDenied")
