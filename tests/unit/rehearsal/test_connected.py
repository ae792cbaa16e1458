"""The connections of the future target, each tried for a moment; and the source's locks."""

from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.rehearsal.connected import (
    Connected,
    connected_to,
    endpoint_trials,
    setting_trials,
    source_locks,
    undeletable,
)
from tests.support.builders import SUBSCRIPTION, child, registry, request
from tests.unit.rehearsal.rehearsal_examples import LOGS, NORTH, SETTING, WEST, rehearsal

LINK = [{"name": "one", "properties": {"groupIds": ["registry"]}}]
IN_WEST = child("privateEndpoints", "west", "westeurope", subnet={"id": WEST}, privateLinkServiceConnections=LINK)
SAME = IN_WEST.model_copy(update={"name": "second"})
SUBSCRIPTION_LOCK = Lock(scope=f"/subscriptions/{SUBSCRIPTION}", name="all", level="CanNotDelete")
OWN_LOCK = Lock(scope=registry().id, name="own", level="ReadOnly")
GROUP_LOCK = Lock(scope=registry().id.partition("/providers/")[0], name="group", level="CanNotDelete")


def found(*children: Child, subnets: dict[str, str] | None = None, locks: tuple[Lock, ...] | Unknown = ()) -> Connected:
    """The connections of a source with these children."""
    return connected_to(registry("contosoregistry", *children), locks, request(subnets=subnets or {}), None)


def test_an_endpoint_is_tried_in_each_mapped_subnet() -> None:
    """Once, however many the source has there; without a zone group, and with the tags by which it is cleaned."""
    connected, made = found(IN_WEST, SAME, subnets={WEST: NORTH}), rehearsal(endpoints=1)

    [trial] = endpoint_trials(made, connected)

    assert trial.call.path == made.private_endpoints[0]
    assert trial.call.body["properties"]["subnet"] == {"id": NORTH}
    assert trial.call.body["location"] == "northeurope"
    assert trial.call.body["tags"].items() >= made.tags.items()
    assert "privateDnsZoneGroups" not in trial.call.body["properties"]
    assert made.interfaces[0].endswith(trial.call.body["properties"]["customNetworkInterfaceName"])


def test_without_a_subnet_in_the_target_region_the_reason_is_said() -> None:
    """The request names none; a source without endpoints has none to make."""
    assert found(IN_WEST).why_none("private endpoints") == "the request names no subnet in northeurope for them"
    assert found().why_none("private endpoints") == "the target gets none"


def test_a_setting_sends_where_the_targets_would() -> None:
    """With its categories; without those of the old region."""
    [trial] = setting_trials(rehearsal(settings=1), found(SETTING))
    regional = child("diagnosticSettings", "archive", storageAccountId="/subscriptions/x/storageAccounts/west")

    assert trial.call.path == rehearsal(settings=1).diagnostic_settings[0]
    assert trial.call.body["properties"].items() >= {"workspaceId": LOGS, "logs": SETTING.properties["logs"]}.items()
    assert found(regional).why_none("diagnostic settings").startswith("the request names no destination")


def test_the_levels_of_the_sources_locks_are_put_on_the_small_one() -> None:
    """Those of its group too, which the relocation puts on the target; a subscription's covers both."""
    connected = found(locks=(SUBSCRIPTION_LOCK, OWN_LOCK, GROUP_LOCK))

    assert connected.locks == ("CanNotDelete", "ReadOnly")
    assert [one.call.body["properties"]["level"] for one in source_locks(rehearsal(locks=connected.locks))] == [
        "CanNotDelete",
        "ReadOnly",
    ]
    assert found(locks=Unknown(reason="no right")).not_made == {"management locks": "they could not be read: no right"}


def test_a_lock_of_the_whole_subscription_forbids_a_rehearsal() -> None:
    """Its groups would stay, and be billed."""
    [finding] = undeletable((SUBSCRIPTION_LOCK, OWN_LOCK, GROUP_LOCK), "contosoregistry")

    assert (finding.severity, finding.code) == ("blocker", "rehearsal_cannot_be_removed")
    assert finding.remedy.startswith("Remove it for the rehearsal: az lock delete --ids /subscriptions/")
