"""What every model of the core is: frozen, exact about its fields, and JSON in both directions."""

from typing import ClassVar, Final, TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict
from pydantic.dataclasses import dataclass

Model = TypeVar("Model")

_EXACT: Final = ConfigDict(extra="forbid")


class FrozenModel(BaseModel):
    """A value. Once made it does not change, and it knows no field but its own."""

    model_config = ConfigDict(frozen=True, **_EXACT)


class Restorable(FrozenModel):
    """Something that a run takes from a registry and gives back.

    `registry_id` is the registry's id in lower case. `record_kind` names the kind in the key of its record; it stays
    the same when the class is renamed, so that records of earlier versions are found.
    """

    record_kind: ClassVar[str]
    registry_id: str


@dataclass_transform(frozen_default=True, kw_only_default=True)
def slots_model(model: type[Model]) -> type[Model]:
    """Return the class as a model like Frozen for what there are a hundred thousand of: a fifth of the memory.

    Without a dictionary and a set of its own in each instance. To change a field: `dataclasses.replace`.
    """
    return dataclass(frozen=True, slots=True, kw_only=True, config=_EXACT)(model)  # type: ignore[return-value] # pydantic names a type of its own
