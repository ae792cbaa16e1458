"""Several sources of one target."""

from typing import Any

from acr_relocate.core.consolidation.shares import with_share
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id, target_mark
from acr_relocate.core.request.relocation import RelocationRequest
from tests.check_cases.evidence import Case, evidence
from tests.support.builders import content, image, registry, repository, request

FIRST, SECOND = "contosoregistry", "booksregistry"
SOURCES = [
    {"registry": {"name": registry(name).id}, "prefix": prefix} for name, prefix in ((FIRST, "shop"), (SECOND, "books"))
]


def _wanted(name: str = FIRST, **decisions: str) -> RelocationRequest:
    source = {"name": registry(name).id}
    plain = request().model_dump(exclude={"source", "rename"})
    return RelocationRequest.model_validate(
        {**plain, "source": source, "consolidation": {"sources": SOURCES, "decisions": decisions}}
    )


def _case(
    given: str,
    *expected: str,
    name: str = FIRST,
    other: Registry | None = None,
    moved: tuple[str, ...] = (),
    **fields: Any,
) -> Case:
    wanted = fields.pop("request", _wanted(name))
    known = {FIRST: registry(FIRST), SECOND: registry(SECOND)} | ({other.name: other} if other else {})
    gone = fields.pop("gone", ())
    present = {key: one for key, one in known.items() if key not in gone}
    parts = frozenset(relocation_id(_wanted(one)) for one in moved)
    made = {"request": wanted, "source": with_share(wanted, present, gone), "parts": parts, **fields}
    return Case(given, evidence(**made), expected)


TARGET = registry("contosoregistryne", location="northeurope", tags={PLAN_TAG: target_mark(_wanted())})
TAKEN = content(repository("app", image("a"), v1="a"), login_server="contosoregistryne.azurecr.io")
OTHERS = content(repository("target:else", image("a"), v1="a"), login_server="contosoregistryne.azurecr.io")

CASES = (
    _case("two sources that are alike"),
    _case(
        "two sources of which one is in more zones",
        "settings_clash",
        other=registry(SECOND, properties={"zoneRedundancy": "Enabled"}),
    ),
    _case(
        "two sources of which the second wins",
        other=registry(SECOND, properties={"zoneRedundancy": "Enabled"}),
        request=_wanted(zoneRedundancy=FIRST),
    ),
    _case(
        "two sources of which one is open to everybody",
        "access_settings_clash",
        other=registry(SECOND, properties={"anonymousPullEnabled": True}),
    ),
    _case("the second of two sources, before the first", "earlier_source_not_moved", name=SECOND, target=TARGET),
    _case("the second of two sources, after the first", name=SECOND, moved=(FIRST,), target=TARGET),
    _case("one of two sources while the other is gone", "other_source_unread", gone=(SECOND,)),
    _case(
        "one of two sources, all moved, while the other is gone",
        gone=(SECOND,),
        moved=(FIRST, SECOND),
        target=TARGET,
    ),
    _case(
        "a prefix that others have",
        "prefix_taken",
        name=SECOND,
        moved=(FIRST,),
        target=TARGET,
        target_content=TAKEN,
    ),
    _case(
        "a target with what others pushed elsewhere",
        name=SECOND,
        moved=(FIRST,),
        target=TARGET,
        target_content=OTHERS,
    ),
    _case("its own content below its prefix", moved=(FIRST,), target=TARGET, target_content=TAKEN),
    _case("two sources, one with roles of its own", "roles_reach_all_sources", roles=2),
)
