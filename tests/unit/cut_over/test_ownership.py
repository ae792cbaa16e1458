"""Things that a cut-over made are told from others' by a mark with its own id, a name that is ours, or our notes."""

import pytest

from acr_relocate.core.cut_over.model import create_action, is_made_by, ownership_tags
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from tests.support.builders import request

ASKED = request()
RULE, OTHER = "/subscriptions/s/resourceGroups/g/providers/a/rules/ours", "/subscriptions/s/resourceGroups/g/b"
MADE = create_action("alert_rule", "r", "watch", RULE, "v", {"tags": ownership_tags(ASKED), "properties": {}})
NOTES = {"level": "CanNotDelete", "notes": "acr-relocate: as at the source"}
LOCK = create_action("lock", "keep", "lock", f"{RULE}/locks/keep", "v", {"properties": NOTES})


def test_what_was_made_is_ours() -> None:
    """As it was sent, and with tags that somebody has added since."""
    tags = MADE.call.body["tags"]

    assert is_made_by(MADE, {"tags": tags}, ASKED)
    assert is_made_by(MADE, {"tags": tags | {"team": "shop"}}, ASKED)
    assert is_made_by(LOCK, {"properties": NOTES}, ASKED)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {PLAN_TAG: relocation_id(ASKED)},
        create_action("alert_rule", "r", "watch", OTHER, "v", {"tags": ownership_tags(ASKED)}).call.body["tags"],
    ],
    ids=["no tags", "the plan's tag, which a policy copies", "all tags of another resource of ours"],
)
def test_a_copied_tag_does_not_make_a_resource_ours(tags: dict[str, str]) -> None:
    """Policies of Azure copy tags from groups and to resources; none of them knows the resource's own mark."""
    assert not is_made_by(MADE, {"tags": tags}, ASKED)


def test_a_lock_of_the_same_name_is_not_ours() -> None:
    """Others may lock a target under the name that the lock has at the source."""
    assert not is_made_by(LOCK, {"properties": NOTES | {"notes": "ours, hands off"}}, ASKED)
