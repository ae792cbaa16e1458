"""The names of the demo registry and of its target, and how records are called."""

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
SOURCE, TARGET = "contosoregistry", "contosoregistryne"
_GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
_REGISTRIES = "providers/Microsoft.ContainerRegistry/registries"
SOURCE_GROUP, TARGET_GROUP = f"{_GROUPS}/contoso-west", f"{_GROUPS}/contoso-north"
SOURCE_ID = f"{SOURCE_GROUP}/{_REGISTRIES}/{SOURCE}"
TARGET_ID = f"{TARGET_GROUP}/{_REGISTRIES}/{TARGET}"
RECORDS = ("acr-relocate-freeze-", "acr-relocate-taken-")
"""How the names of records in Azure begin (acr_relocate/core/registry/restore_record.py)."""

NETWORKS = {
    f"{SOURCE_GROUP}/providers/Microsoft.Network/virtualNetworks/contoso-vnet/subnets/{name}": (
        f"{_GROUPS}/contoso-network-north/providers/Microsoft.Network/virtualNetworks/contoso-vnet-north/subnets/{name}"
    )
    for name in ("apps", "endpoints")
}
REQUEST = {
    "source": {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-west", "name": SOURCE},
    "target": {"resource_group": "contoso-north", "name": TARGET, "location": "northeurope"},
    "subnets": NETWORKS,
    "soak_days": 1,
}
