"""Undo of a cut-over: Azure is looked at before and after."""

import pytest

from acr_relocate.azure.changes import cut_over
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.cut_over.effects import ChangeResource
from acr_relocate.core.cut_over.model import create_action
from acr_relocate.core.errors import TemporaryFailure
from local_azure.launcher import Emulator
from tests.support.builders import request

GROUP = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/taking-back"
LOCK = f"{GROUP}/providers/Microsoft.Authorization/locks/keep"


async def test_what_is_there_again_afterwards_is_not_told_as_removed(
    azure: AzureConnection, emulator: Emulator
) -> None:
    """As when a policy or a pipeline makes it again at once: it is an error that names it; later the rest is done."""
    emulator.plant(GROUP, location="westeurope", properties={"provisioningState": "Succeeded"})
    body = {"properties": {"level": "CanNotDelete"}}
    action = create_action("lock", "keep", "lock it", LOCK, "2020-05-01", body)
    comes_back = action.model_copy(update={"effect": ChangeResource(restore=(*action.undo, action.call))})
    await cut_over.apply_action(azure, action)

    with pytest.raises(TemporaryFailure, match="still shows what was undone") as refused:
        await cut_over.undo(azure, comes_back, request())

    assert refused.value.resource == LOCK
    assert (await cut_over.undo(azure, action, request())).kind == "removed"
    assert (await cut_over.undo(azure, action, request())).kind == "already_there"
