"""The result of a step. `created` and `already_there` are both success: a second run is as good as the first."""

from __future__ import annotations

from typing import Literal

from acr_relocate.core.errors import Failure
from acr_relocate.core.model import FrozenModel

OutcomeKind = Literal["created", "already_there", "removed", "skipped", "failed"]


class Outcome(FrozenModel):
    """The result for one item, named by `subject`. A skip has a reason, a failure has its failure.

    `removed`: it was created by a relocation that is rolled back. `explains`: the subject of the difference that a skip
    leaves, if this service can never resolve it.
    """

    kind: OutcomeKind
    subject: str
    reason: str = ""
    failure: Failure | None = None
    explains: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the item now has its planned state."""
        return self.kind in {"created", "already_there", "removed"}


class DeployOutcome(FrozenModel):
    """The result of the target registry's deployment; `name` is the deployment's, empty if none was needed."""

    kind: OutcomeKind
    name: str = ""
    registry_id: str = ""
    login_server: str = ""
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Return whether the target registry exists as designed."""
        return self.kind in {"created", "already_there"}
