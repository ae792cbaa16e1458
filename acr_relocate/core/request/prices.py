"""Azure's prices for the user: they change and differ by agreement, so the request gives them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from acr_relocate.core.model import FormModel

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Prices(FormModel):
    """Prices for the costs that a plan shows. 0: the plan shows the quantity alone."""

    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = Field(
        default="USD", title="Currency", description="Three letters, such as USD or EUR."
    )
    registry_day: Amount = Field(
        default=0.0,
        title="A registry and day",
        description="The price of one registry of the source's SKU for a day. A replica counts as a registry.",
    )
    storage_gib_day: Amount = Field(
        default=0.0,
        title="A GiB of storage and day",
        description="The price of a GiB beyond the storage that the SKU includes, for a day.",
    )
    traffic_gib: Amount = Field(
        default=0.0,
        title="A GiB of traffic",
        description="The price of a GiB that is copied from the source's region to the target's.",
    )
    as_of: date | None = Field(default=None, title="Prices of", description="The day on which these prices were read.")
