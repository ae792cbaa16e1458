"""The base of every model of the core: frozen, exact about its fields, and JSON in both directions."""

from typing import Annotated, Any, ClassVar, Final, Self, TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass

Model = TypeVar("Model")

_EXACT: Final = ConfigDict(extra="forbid")


class FrozenModel(BaseModel):
    """An immutable value without unknown fields."""

    model_config = ConfigDict(frozen=True, **_EXACT)


def _number_fields(schema: dict[str, Any]) -> None:
    for position, field in enumerate(schema.get("properties", {}).values()):
        field["position"] = position


class FormModel(FrozenModel):
    """An input that people fill in: a form shows its fields in the order of their declaration.

    Prefect's forms sort fields by `position` in the JSON schema.
    """

    model_config = ConfigDict(json_schema_extra=_number_fields)


class Restorable(FrozenModel):
    """A change at a registry that a run makes and restores: facts only, from which the calls are computed.

    `registry_id` is the registry's id in lower case, `taken_by` names the run and its identity for people.
    `record_kind` names the kind in the name of its record; it stays the same when the class is renamed, so that
    records of earlier versions are found. Its length is at most 12 letters.
    """

    record_kind: ClassVar[str]
    registry_id: str
    taken_by: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")] = ""

    def pages(self) -> tuple[Self, ...]:
        """Return the same in parts, each small enough for one record and restorable alone."""
        return (self,)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def slots_model(model: type[Model]) -> type[Model]:
    """Return the class as a model like FrozenModel for hundreds of thousands of instances: a fifth of the memory.

    Without a dictionary and a set in each instance. To change a field: `dataclasses.replace`.
    """
    return dataclass(frozen=True, slots=True, kw_only=True, config=_EXACT)(model)  # type: ignore[return-value] # pydantic names a type of its own
