"""What every model of the core is: frozen, exact about its fields, and JSON in both directions."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value. Once made it does not change, and it knows no field but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
