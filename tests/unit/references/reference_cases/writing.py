"""Builders of rows of traps."""

import base64

from acr_relocate.references import Rename

HOST = "contoso.azurecr.io"
GROUPS = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/"
PROVIDER = "/providers/Microsoft.ContainerRegistry/registries/"
TO = Rename(source=HOST, target="fabrikam.azurecr.io")
ALL = Rename(
    source=HOST,
    target="fabrikam.azurecr.io",
    source_region="westeurope",
    target_region="northeurope",
    source_id=f"{GROUPS}rg-west{PROVIDER}contoso",
    target_id=f"{GROUPS.replace('11111111', '99999999')}rg-north{PROVIDER}fabrikam",
)
SUB = "«11111111-2222-3333-4444-555555555555|99999999-2222-3333-4444-555555555555»"
ID = f"/subscriptions/{SUB}/resourceGroups/«rg-west|rg-north»{PROVIDER}«contoso»"

DATA = 'data "azurerm_container_registry" "a"'
EXISTING = "resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' existing ="


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def wrapped(text: str, gap: str = "\n    ", width: int = 64) -> str:
    data = b64(text)
    return gap.join(data[start : start + width] for start in range(0, len(data), width))


DOCKER_CONFIG = '{"auths":{"contoso.azurecr.io":{"username":"u","password":"p","auth":"dTpw"}}}'
ADDRESS = "https://contoso.azurecr.io/v2/"

# sentence: (text, kinds) or (text, kinds, path); the path defaults to a YAML file
Row = tuple[str, str] | tuple[str, str, str]
