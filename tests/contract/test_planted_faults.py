"""Faults planted in the embedded Azure, one at a time: the plan finds each of them, once, and nothing else new."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.core.checks import PREFLIGHT
from acr_relocate.core.checks.check import Check
from local_azure.launcher import Emulator, running
from tests.contract.conftest import entered
from tests.contract.faults import FAULTS, SPOILT, spoil
from tests.contract.planting import Planting, findings, start

# What the embedded Azure cannot have; the tables in tests/check_cases have it.
NOT_PLANTABLE = {
    "deployment_touches_others": "incremental deployments of our templates never do",
    "media_type_not_importable": "a push of such a manifest is refused",
    "schema1_manifest": "a push of such a manifest is refused",
    "storage_beyond_included": "500 GiB cannot be pushed in a test",
    "storage_beyond_maximum": "100 TiB cannot be pushed in a test",
    "target_closed_to_public": "no client is inside a virtual network",
}
# Compatible with each other, in an order in which each can be planted. Together: a registry with everything wrong.
BY_THE_RULES = (
    *("index_beyond_import_limit", "index_misses_manifests", "foreign_layers", "quarantined", "large_image"),
    *("referrer_without_subject", "read_locked", "cache_rule_collides", "token_needs_new_credentials"),
    *("credential_set_needs_secret_access", "old_home_has_no_replica", "task_purges"),
    *("webhook_calls_from_new_region", "scope_map_beyond_limit", "repository_hidden"),
    *("event_subscription_lost", "diagnostic_sink_in_another_region", "tasks_kept_out", "admin_passwords_change"),
    *("anonymous_pull", "data_endpoint_hosts_change", "regional_endpoint_hosts_change", "region_lacks_zones"),
    *("key_version_is_pinned", "delete_lock_on_source", "policy_denies", "subscription_not_enabled"),
)
AGAINST_THEM = ("source_is_a_target", "registry_is_changing", "login_server_has_a_hash", "static_private_endpoint")


@pytest.fixture(scope="module", name="field")
def _field(ca_dir: Path) -> Iterator[Emulator]:
    """An emulator of their own, because each test starts from the same small world."""
    with running(seed="empty", ca_dir=ca_dir) as emulator, pytest.MonkeyPatch.context() as patch:
        yield from entered(emulator, patch)


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="owner")
async def _owner(field: Emulator, ca_dir: Path) -> AsyncIterator[AzureConnection]:
    """The Owner's connection, for all tests in one loop; the small world is in a file."""
    async with connection() as azure:
        await start(field, azure, ca_dir / "field.json")
        yield azure


@pytest.fixture(name="planting")
def _planting(field: Emulator, owner: AzureConnection, ca_dir: Path) -> Planting:
    """The small world, as it was."""
    field.load(ca_dir / "field.json")
    return Planting(field, owner)


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_found_where_nothing_is_wrong(planting: Planting) -> None:
    """The clean state, which planted faults are compared with."""
    assert await findings(planting) == ()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("code", FAULTS)
async def test_planted_fault_is_found_once(code: str, planting: Planting) -> None:
    """Exactly it and what comes with it; nothing is said twice, and nothing was written to find it."""
    await FAULTS[code].plant(planting)

    found = await findings(planting)

    assert {finding.code for finding in found} == {code, *FAULTS[code].also}
    assert Counter((finding.code, finding.resource) for finding in found).most_common(1)[0][1] == 1
    assert planting.emulator.stats()["arm_writes"] == 0


def test_every_check_is_planted_or_cannot_be() -> None:
    """No check is left out by chance."""
    checks = {rule.name for rule in PREFLIGHT if isinstance(rule, Check)}

    assert checks - FAULTS.keys() == NOT_PLANTABLE.keys()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_registry_with_everything_wrong_gets_all_findings_in_one_run(planting: Planting) -> None:
    """More than forty things are wrong; all are found at once, each said once."""
    for code in (*BY_THE_RULES, *AGAINST_THEM):
        await FAULTS[code].plant(planting)
    # Its region has no agent pools, so this is told as that: `region_lacks_feature`.
    await FAULTS["agent_pool_in_old_network"].plant(planting)
    spoil(planting)
    planted = {*BY_THE_RULES, *AGAINST_THEM, *SPOILT}

    found = await findings(planting)

    assert planted <= {finding.code for finding in found}
    assert len(planted) >= 50
    assert Counter(found).most_common(1)[0][1] == 1
    assert all(finding.remedy for finding in found if finding.severity != "note")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_reader_gets_a_whole_plan_and_writes_nothing(planting: Planting) -> None:
    """With nothing but the role Reader: what is missing is said, by action and scope, and nothing is broken."""
    await planting.as_reader()

    found = await findings(planting)

    codes = {finding.code for finding in found}
    assert codes == {
        "target_cannot_be_deployed",
        "images_cannot_be_imported",
        "could_not_be_read",
    }
    [unread] = [finding for finding in found if finding.code == "could_not_be_read"]
    assert "may not Microsoft.Resources/deployments/validate/action at" in unread.message
    assert planting.emulator.stats()["arm_writes"] == 0
    assert planting.emulator.stats()["writes"] == []
