"""Somebody who holds custom roles of ours and nothing else."""

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from acr_relocate.azure.client.session import AzureConnection, CloudSettings
from deployments.role_files import FOLDER
from local_azure.state.settings import OPERATOR_CLIENT_ID, OPERATOR_OBJECT_ID, OPERATOR_SECRET

HERE = "/subscriptions/22222222-2222-2222-2222-222222222222"
OPERATOR: Final = {"AZURE_CLIENT_ID": OPERATOR_CLIENT_ID, "AZURE_CLIENT_SECRET": OPERATOR_SECRET}


def become(identity: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all later connections to Azure use this identity."""
    for name in OPERATOR:
        monkeypatch.setenv(name, identity[name])


@asynccontextmanager
async def operating() -> AsyncIterator[AzureConnection]:
    """A connection of the operator's own, beside the one that this event loop may have already."""
    with pytest.MonkeyPatch.context() as patch:
        become(OPERATOR, patch)
        azure = AzureConnection(CloudSettings.from_environment())
        try:
            yield azure
        finally:
            await azure.close()


async def hire(azure: AzureConnection, duty: str, *scopes: str, without: str = "") -> None:
    """The operator holds the custom role of the duty at the scopes, from the very file that is shipped.

    `without`: but for this action. Again: the role is as given this time.
    """
    file = json.loads((FOLDER / f"{duty}.json").read_text())
    parts = ("Actions", "NotActions", "DataActions", "NotDataActions")
    permission = {part[0].lower() + part[1:]: [one for one in file[part] if one != without] for part in parts}
    guid = uuid.uuid5(uuid.NAMESPACE_URL, duty)
    definition = f"{HERE}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    role = {"roleName": file["Name"], "assignableScopes": [HERE], "permissions": [permission]}
    await azure.arm.put(definition, "2022-04-01", {"properties": role}, doing="Making a role")
    for scope in scopes:
        holder: dict[str, Any] = {"roleDefinitionId": definition, "principalId": OPERATOR_OBJECT_ID}
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        await azure.arm.put(path, "2022-04-01", {"properties": holder}, doing="Assigning a role")
