"""The record of a rehearsal: what it lets through, what it lets go, and what of it is believed."""

from datetime import timedelta

import pytest

from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.rehearsal.rehearsal import EXPIRY_TAG, REHEARSAL_TAG, read_rehearsal, unrecorded
from tests.support.builders import SUBSCRIPTION, request
from tests.unit.rehearsal.rehearsal_examples import BEGUN, rehearsal

OTHER_SUBSCRIPTION = "33333333-3333-3333-3333-333333333333"


def test_all_that_it_makes_is_in_its_own_groups() -> None:
    """Each name has its id, in the subscriptions of the source and of the target."""
    made = rehearsal(target_subscription_id=OTHER_SUBSCRIPTION)

    assert made.source_group == f"/subscriptions/{SUBSCRIPTION}/resourceGroups/acr-relocate-rehearsal-0a1b2c3d-source"
    assert made.target_group.startswith(f"/subscriptions/{OTHER_SUBSCRIPTION}/")
    assert all(one.startswith((f"{made.source_group}/", f"{made.target_group}/")) for one in made.resources)
    assert all("0a1b2c3d" in one.rpartition("/")[2] for one in made.resources)


@pytest.mark.parametrize(
    ("host", "path", "passes"),
    [
        ("rehearsal0a1b2c3da.azurecr.io", "/v2/app/blobs/uploads/", True),
        ("rehearsal0a1b2c3db-h4sh.azurecr.io", "/acr/v1/app", True),
        ("contosoregistry.azurecr.io", "/acr/v1/app", False),
        ("rehearsal0a1b2c3dab.azurecr.io", "/acr/v1/app", False),
        ("management.azure.com", rehearsal().source_group.lower(), True),
        ("management.azure.com", f"{rehearsal().small_target}/importimage".lower(), True),
        ("management.azure.com", f"{rehearsal().source_group}2/providers/x".lower(), False),
        ("management.azure.com", request().source.resource_id.lower(), False),
        ("management.azure.com", request().target_id.lower(), False),
        ("vault.vault.azure.net", "/secrets/password", False),
    ],
)
def test_only_writes_to_its_own_pass(host: str, path: str, passes: bool) -> None:
    """Neither the source nor the target nor what merely begins like it."""
    assert rehearsal().holds(host, path) is passes


def test_a_record_is_read_back() -> None:
    """As it was written, by the group that it is in."""
    made = rehearsal()

    assert read_rehearsal(made.source_group, [made.model_dump_json()]) == made


@pytest.mark.parametrize(
    "facts",
    [
        None,
        ["{}"],
        [rehearsal(id="ffffffff").model_dump_json()],
        [rehearsal(subscription_id=OTHER_SUBSCRIPTION).model_dump_json()],
        [rehearsal().model_dump_json().replace("0a1b2c3d", "../../x1")],
        [rehearsal().model_dump_json()[:-1] + ', "resources": ["/subscriptions/x"]}'],
    ],
    ids=["no text", "nothing in it", "another id", "another subscription", "a path", "more than such a record says"],
)
def test_a_record_that_is_not_of_its_group_is_not_believed(facts: object) -> None:
    """Nothing is removed because of it."""
    with pytest.raises(RecordBroken):
        read_rehearsal(rehearsal().source_group, facts)


def test_a_group_without_a_record_is_known_by_its_tag() -> None:
    """Killed between the group and the record: nothing else was made then. Another's group is not taken for one."""
    made, tags = rehearsal(), rehearsal().tags

    found = unrecorded(made.source_group, "westeurope", tags)

    assert found is not None
    assert (found.id, found.source_group, found.expires_at) == (made.id, made.source_group, made.expires_at)
    assert unrecorded(made.source_group, "westeurope", {}) is None
    assert unrecorded(made.source_group, "westeurope", tags | {REHEARSAL_TAG: "ffffffff"}) is None
    assert unrecorded(made.source_group, "westeurope", {REHEARSAL_TAG: made.id, EXPIRY_TAG: "soon"}) is None


def test_it_expires() -> None:
    """After a day."""
    assert not rehearsal().is_expired(BEGUN + timedelta(hours=23))
    assert rehearsal().is_expired(BEGUN + timedelta(hours=25))
