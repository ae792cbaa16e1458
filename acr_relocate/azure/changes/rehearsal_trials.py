"""Resources that a rehearsal makes for a moment to see whether Azure takes them, and the locks of its small source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from acr_relocate.azure.changes.rehearsals import remove_one
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import scopes
from acr_relocate.core.access.permissions import granting, missing_actions
from acr_relocate.core.errors import Failure, RelocationError, is_retryable
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.rehearsal.connected import Trial
from acr_relocate.core.rehearsal.rehearsal import Rehearsal

_LIFT: Final = "Microsoft.Authorization/locks/delete"


async def try_resource(azure: AzureConnection, rehearsal: Rehearsal, trial: Trial) -> Outcome:
    """Make the resource and delete it at once. That Azure refuses it is an outcome; what may pass later is raised.

    Again: the same. A deletion that fails is left to the cleaning, which knows the resource from the record.
    """
    outcome = await _put(azure, trial)
    await remove_one(azure, trial.call.path, rehearsal)  # also after a refusal: Azure may have made a part of it
    return outcome


async def put_locks(azure: AzureConnection, rehearsal: Rehearsal, locks: Iterable[Trial]) -> tuple[Outcome, ...]:
    """Lock the small source, unless this identity could not lift the locks again: then nothing of it could be removed.

    Again: the same. On failure: the outcome says why not.
    """
    granted = await or_unknown(scopes.permissions(azure, rehearsal.small_source), "the permissions")
    if missing_actions((_LIFT,), granted):
        return tuple(_not_to_lift(trial, rehearsal) for trial in locks)
    return tuple([await _put(azure, trial) for trial in locks])


async def _put(azure: AzureConnection, trial: Trial) -> Outcome:
    call = trial.call
    try:
        await azure.arm.put(call.path, call.api_version, call.body, doing=f"Making the {trial.subject}")
    except RelocationError as error:
        if is_retryable(error):
            raise
        return Outcome(kind="failed", subject=trial.subject, failure=Failure.of(error))
    return Outcome(kind="created", subject=trial.subject)


def _not_to_lift(trial: Trial, rehearsal: Rehearsal) -> Outcome:
    failure = Failure(
        code="AuthorizationFailed",
        message=f"The {trial.subject} was not made, because this identity may not perform {_LIFT} to lift it again",
        resource=rehearsal.small_source,
        remedy=granting(_LIFT, rehearsal.source_group.partition("/resourceGroups/")[0], "acr-relocate rehearse"),
    )
    return Outcome(kind="failed", subject=trial.subject, failure=failure)
