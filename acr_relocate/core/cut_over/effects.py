"""The kinds of actions in a cut-over: the result of each call, and what only that kind has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from acr_relocate.core.cut_over.arm_calls import ArmCall
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.switching import SwitchedDependent


class Secret(FrozenModel):
    """A secret in a key vault, by its name and the tags that identify its owner. Never its value."""

    vault: str
    name: str
    tags: dict[str, str]


class CreateResource(FrozenModel):
    """The call creates the resource at its path; the undo deletes it.

    It is ours if it exists under this name and, if it can carry tags (`tagged`), has our plan's tag.
    `lacking_without`: the subject of the difference that remains if it cannot be created at all.
    """

    type: Literal["create"] = "create"
    tagged: bool = False
    lacking_without: str = ""


class ChangeResource(FrozenModel):
    """The call changes or deletes a resource; `restore` sets it as before."""

    type: Literal["change"] = "change"
    restore: tuple[ArmCall, ...]


class StorePassword(FrozenModel):
    """The answer of the call has a password, which goes to the secret of a key vault and nowhere else."""

    type: Literal["store_password"] = "store_password"
    secret: Secret


class TryPull(FrozenModel):
    """The call changes nothing; its answer shows whether a pull from the target succeeds. `mark` records a success."""

    type: Literal["try_pull"] = "try_pull"
    mark: ArmCall


class PingReceiver(FrozenModel):
    """The call lets a webhook call its receiver once."""

    type: Literal["ping_receiver"] = "ping_receiver"


class SwitchDependent(FrozenModel):
    """The dependent runs the target's images afterwards. `former` has each old value; the new ones follow from it.

    The body of the call is computed when it is sent, from what Azure shows then: it has settings that no plan shows.
    It is undone from its record in Azure, by `switch-back` and `discard`. None: the action is refused.
    """

    type: Literal["switch"] = "switch"
    former: SwitchedDependent | None = None


Effect = Annotated[
    CreateResource | ChangeResource | StorePassword | TryPull | PingReceiver | SwitchDependent,
    Field(discriminator="type"),
]
