"""Key vaults with access policies instead of roles: give the target's identities the permissions of the source's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json, Placeholder
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import ChangeResource
from acr_relocate.core.cut_over.model import PRINCIPAL, CutOverAction
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.registry.resource_types import STABLE, TASKS

_VAULTS: Final = "2023-07-01"
TYPE: Final = "microsoft.keyvault/vaults"


def vault_policy_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield the policies of the vaults that the source uses, as far as they are for one of its own identities."""
    for vault in readable_items(cut.scene.around.others):
        own = properties(vault)
        if str(vault.get("type") or "").lower() != TYPE or own.get("enableRbacAuthorization"):
            continue
        for policy in own.get("accessPolicies") or ():
            counterpart = cut.counterpart(str(policy.get("objectId") or ""))
            if counterpart:
                yield _let_in(cut, vault, policy, counterpart)


def _let_in(cut: CutOverContext, vault: Json, policy: Json, counterpart: str) -> CutOverAction:
    """Return the addition, which leaves all other policies of the vault unchanged."""
    allowed = {"tenantId": policy.get("tenantId"), "objectId": PRINCIPAL, "permissions": policy.get("permissions")}
    path, body = f"{vault['id']}/accessPolicies", {"properties": {"accessPolicies": [allowed]}}
    shown = f"the identity of {cut.short(counterpart)}"
    fill = Placeholder(
        placeholder=PRINCIPAL,
        call=ArmCall(method="GET", path=counterpart, api_version=TASKS if "/tasks/" in counterpart else STABLE),
        fields=("identity.principalId",),
    )
    return CutOverAction(
        id=f"{path.lower()}/{counterpart.lower()}",
        kind="key_vault",
        about=(str(vault["id"]),),
        subject=f"{shown} at {vault['name']}",
        what=f"give {shown} the access to {vault['name']} that the one of {cut.source.name} has",
        call=ArmCall(method="PUT", path=f"{path}/add", api_version=_VAULTS, body=body),
        look=DoneWhen(call=ArmCall(method="GET", path=str(vault["id"]), api_version=_VAULTS), expected=body),
        fills=(fill,),
        effect=ChangeResource(restore=(ArmCall(method="PUT", path=f"{path}/remove", api_version=_VAULTS, body=body),)),
    )
