"""What became of a step. `created` and `already_there` are both success: a second run is as good as the first."""

from __future__ import annotations

from typing import Literal

from acr_relocate.core.errors import Failure
from acr_relocate.core.model import FrozenModel

OutcomeKind = Literal["created", "already_there", "removed", "skipped", "failed"]


class Outcome(FrozenModel):
    """What became of one thing, named by `subject`. A skip has a reason, a failure has its failure.

    `removed`: it was made by a relocation that is taken back. `explains`: the difference that a skip leaves, by its
    subject, where nothing that this service does could ever settle it.
    """

    kind: OutcomeKind
    subject: str
    reason: str = ""
    failure: Failure | None = None
    explains: str = ""

    @property
    def ok(self) -> bool:
        """Whether the thing is as it should be now."""
        return self.kind in {"created", "already_there", "removed"}


class DeployOutcome(FrozenModel):
    """What became of the target registry's deployment; `name` is the deployment's, empty where none was needed."""

    kind: OutcomeKind
    name: str = ""
    registry_id: str = ""
    login_server: str = ""
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the target registry is there as designed."""
        return self.kind in {"created", "already_there"}
