"""Checks of resources that are attached to the source and do not move with it."""

from collections.abc import Iterator

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.registry.regions import normalise_location


@check("decision")
def diagnostic_sink_in_another_region(evidence: Evidence) -> Iterator[Violation]:
    """Logs go to a storage account or event hub that is not in the target's region; Azure requires that.

    Source: F42; diagnostic-settings.md. A Log Analytics workspace may be anywhere.
    """
    location = evidence.request.target.location
    for sink in evidence.sinks if isinstance(evidence.sinks, tuple) else ():
        if sink.location is not None and normalise_location(sink.location) not in {"", "global", location}:
            yield Violation(
                f"Diagnostic setting {sink.setting} sends to {sink.id.rsplit('/', 1)[-1]} in {sink.location}, "
                f"which takes nothing from {location}.",
                "Send to a Log Analytics workspace, or to an event hub (`az eventhubs namespace create`) or a storage "
                f"account there: az storage account create --location {location} --name NAME --resource-group GROUP",
                sink.id,
            )


@check("warning")
def diagnostic_sink_missing(evidence: Evidence) -> Iterator[Violation]:
    """Logs go to something that does not exist any more: the same setting cannot be made at the target.

    Source: F42.
    """
    for sink in evidence.sinks if isinstance(evidence.sinks, tuple) else ():
        if sink.location is None:
            yield Violation(
                f"Diagnostic setting {sink.setting} sends to {sink.id}, which does not exist.",
                f"az monitor diagnostic-settings delete --name {sink.setting} --resource {evidence.source.id}",
                sink.id,
            )


@check("warning")
def event_subscription_lost(evidence: Evidence) -> Iterator[Violation]:
    """An Event Grid subscription receives the source's events; subscriptions do not move.

    Source: F55; overview-relocation.md.
    """
    for subscription in evidence.event_subscriptions if isinstance(evidence.event_subscriptions, tuple) else ():
        name = subscription.rsplit("/", 1)[-1]
        yield Violation(
            f"Event subscription {name} does not receive the target's events.",
            f"az eventgrid event-subscription create --name {name} --source-resource-id {evidence.request.target_id} "
            "--endpoint ENDPOINT",
            subscription,
        )
