"""A rehearsal to build on."""

from datetime import UTC, datetime
from typing import Any

from acr_relocate.core.rehearsal.rehearsal import LIFETIME, Rehearsal
from tests.support.builders import SUBSCRIPTION, child

NETWORKS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks"
WEST, NORTH = f"{NETWORKS}/west/subnets/endpoints", f"{NETWORKS}/north/subnets/endpoints"
LOGS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/logs"
ENDPOINT = child("privateEndpoints", "endpoint", "northeurope", subnet={"id": NORTH})
SETTING = child("diagnosticSettings", "to-logs", workspaceId=LOGS, logs=[{"category": "x", "enabled": True}])
BEGUN = datetime(2026, 11, 30, 12, tzinfo=UTC)


def rehearsal(**fields: Any) -> Rehearsal:
    """One of contosoregistry, but for the given fields."""
    defaults: dict[str, Any] = {
        "id": "0a1b2c3d",
        "registry": "contosoregistry",
        "home": "westeurope",
        "subscription_id": SUBSCRIPTION,
        "location": "northeurope",
        "target_subscription_id": SUBSCRIPTION,
        "begun_at": BEGUN,
        "expires_at": BEGUN + LIFETIME,
    }
    return Rehearsal(**(defaults | fields))
