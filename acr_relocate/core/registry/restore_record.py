"""Records of the changes to restore at a registry: their names and texts, and the rules that make one credible.

A record is an empty deployment in a resource group. Its name has the kind, the registry and the content:
`acr-relocate-freeze-<12 digits of the registry's id>-<12 digits of the text>`. So no record ever replaces another, and
a text that was cut or changed does not fit its name. Its parameter `facts` holds the text in pieces.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, TypeVar

from pydantic import ValidationError

from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.model import FrozenModel, Restorable
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.stored_result import wrong_places

RecordedFact = TypeVar("RecordedFact", bound=Restorable)

PIECE: Final = 100_000  # characters; a string of a template may have 131,072
LARGEST: Final = 1_000_000  # characters of one record; a request to ARM may have 4 MB


class StoredRecord(FrozenModel):
    """A record as found: its place, and its age by Azure's clock."""

    ids: tuple[str, ...]
    since: str = ""


def record_prefix(kind: str, registry_id: str) -> str:
    """Return the common prefix of the names of all records of this kind about this registry."""
    return f"acr-relocate-{kind}-{_digits(registry_id.lower())}-"


def record_name(kind: str, registry_id: str, text: str) -> str:
    """Return the name of the record with this text."""
    return record_prefix(kind, registry_id) + _digits(text)


def record_text(fact: Restorable) -> str:
    """Return the facts as JSON, without default values."""
    return fact.model_dump_json(exclude_defaults=True)


def pieces(text: str) -> list[str]:
    """Return the text in pieces that fit a deployment parameter."""
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def read_record(kind: type[RecordedFact], registry_id: str, record_id: str, facts: object) -> RecordedFact:
    """Return the facts of the record, or raise RecordBroken unless they are facts of this kind about this registry.

    Args:
        kind: The model of the facts, which defines the allowed values.
        registry_id: The id of the registry, as Azure has it.
        record_id: The id of the record, for the message; its name has to fit the text.
        facts: The value of the record's parameter.

    """
    if not isinstance(facts, list) or not all(isinstance(piece, str) for piece in facts):
        raise _broken(record_id, "it has no text")
    text = "".join(facts)
    if len(text) > LARGEST:
        raise _broken(record_id, f"its text has more than {LARGEST} characters")
    if ResourceId(record_id).name != record_name(kind.record_kind, registry_id, text):
        raise _broken(record_id, "its text is not the one that its name was made from")
    try:
        fact = kind.model_validate_json(text)
    except ValidationError as error:
        raise _broken(record_id, f"it says what such a record never says ({wrong_places(error)})") from None
    if fact.registry_id != registry_id.lower():
        raise _broken(record_id, "it is about another registry")
    return fact


def _broken(record_id: str, why: str) -> RecordBroken:
    return RecordBroken(
        f"The record {ResourceId(record_id).name} of changes to restore is not credible: {why}. "
        "Nothing was done because of it",
        code="RecordBroken",
        resource=record_id,
        remedy="Find out in the activity log who wrote this deployment. Restore the registry yourself, "
        "then delete the deployment (`az deployment group delete --ids ...`) and run again.",
    )


def _digits(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
