"""Records of what has to be given back: facts that are what this service writes, or nothing is done."""

import json

import pytest

from acr_relocate.core.content.source_freeze import PAGE, FrozenRepository, SourceFreeze
from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.registry.restore_record import LARGEST, PIECE, pieces, read_record, record_name, record_text

REGISTRY = "/subscriptions/1/resourcegroups/g/providers/microsoft.containerregistry/registries/shop"
FREEZE = SourceFreeze(
    registry_id=REGISTRY,
    login_server="shop.azurecr.io",
    before=(
        FrozenRepository(repository="team/app"),
        FrozenRepository(repository="team/db", attributes=Attributes(list_enabled=False)),
    ),
)


def read(text: str, name: str = "") -> SourceFreeze:
    """Read a record with this text, under the name that fits the text or another."""
    return read_record(SourceFreeze, REGISTRY, f"/g/{name or record_name('freeze', REGISTRY, text)}", pieces(text))


def test_what_is_recorded_is_read_back() -> None:
    """In whatever case the id is written."""
    assert read(record_text(FREEZE)) == FREEZE
    assert record_name("freeze", REGISTRY.upper(), "x") == record_name("freeze", REGISTRY, "x")


@pytest.mark.parametrize(
    "change",
    [
        {"registry_id": REGISTRY + "2"},
        {"login_server": "evil.example/path"},
        {"call": {"method": "PUT"}},
        {"before": [{"repository": "../../oauth2"}]},
        {"before": [{"repository": "a/../b"}]},
        {"before": [{"repository": "app", "reference": "1.0"}]},
        {"before": [{"repository": "app", "attributes": {"write_enabled": False, "delete_enabled": False}}]},
        {"before": [{"repository": "app", "attributes": {"owner": True}}]},
        {"before": "app"},
        {"taken_by": "x\x1b[2J"},
        {"taken_by": "x" * 201},
    ],
    ids=str,
)
def test_facts_that_this_service_never_writes_are_refused(change: dict[str, object]) -> None:
    """From any author."""
    forged = json.loads(record_text(FREEZE)) | change
    with pytest.raises(RecordBroken):
        read(json.dumps(forged))


@pytest.mark.parametrize("facts", [None, {}, "text", [1], [], ["{"], ["null"]], ids=str)
def test_a_record_without_facts_is_refused(facts: object) -> None:
    """It ends in a named error that says where the record is."""
    text = "".join(facts) if isinstance(facts, list) and all(isinstance(each, str) for each in facts) else ""
    with pytest.raises(RecordBroken, match="Nothing was done"):
        read_record(SourceFreeze, REGISTRY, f"/g/{record_name('freeze', REGISTRY, text)}", facts)


def test_a_text_that_was_changed_does_not_fit_its_name() -> None:
    """As when a part of it was lost."""
    text = record_text(FREEZE)
    with pytest.raises(RecordBroken, match="its name was made from"):
        read(text.replace("team/app", "team/apq"), record_name("freeze", REGISTRY, text))


def test_ten_thousand_repositories_fit_into_a_few_records() -> None:
    """With the longest names that a registry takes; together they are the whole."""
    before = tuple(FrozenRepository(repository=f"{'r' * 250}{number:06}") for number in range(10_000))
    whole = FREEZE.model_copy(update={"before": before})

    texts = [record_text(page) for page in whole.pages()]

    assert len(texts) == 10_000 / PAGE
    assert max(map(len, texts)) < LARGEST
    assert max(len(piece) for text in texts for piece in pieces(text)) <= PIECE
    assert tuple(one for text in texts for one in read(text).before) == before
