"""Renaming holds for any map and any registry, not only for those we thought of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from acr_relocate.azure.resources.registries import import_body
from acr_relocate.core.content.copy_roots import plan_copy_roots
from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.content.renamed import find_collisions
from acr_relocate.core.registry.inventory import Content, Repository, Tag
from acr_relocate.core.registry.rename_map import RenameMap, rename_rules
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import compare, unclean
from tests.support.builders import content, image, repository, request

EVERYTHING = Selection()
PARTS = st.sampled_from(("a", "b", "team"))
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
WHOLE = st.tuples(NAMES, NAMES)
BELOW = st.tuples(NAMES, NAMES).map(lambda pair: (f"{pair[0]}/**", f"{pair[1]}/**"))
RULES = st.lists(WHOLE | BELOW, max_size=4).map(dict)
REGISTRIES = st.sets(NAMES, min_size=1, max_size=6)


def accepted(rules: dict[str, str]) -> bool:
    try:
        rename_rules(rules)
    except ValueError:
        return False
    return True


def name_there(name: str, rules: dict[str, str]) -> str:
    """The name at the target, said in another way than the map does: of all rules that apply, the longest."""
    applying = {rule: there for rule, there in rules.items() if rule == name}
    if not applying:
        applying = {rule: there for rule, there in rules.items() if name.startswith(rule[:-2]) and rule.endswith("/**")}
    if not applying:
        return name
    rule = max(applying, key=len)
    return applying[rule].replace("**", name[len(rule) - 2 :])


def source_of(names: set[str]) -> Content:
    held = (repository(one, image(one), image(f"{one} sig", subject=one), v1=one) for one in sorted(names))
    return content(*held)


def imported(plan_of: Content, there: Content, names: RenameMap) -> Content:
    """Return the target's content under its own names, once Azure has taken the bodies of these imports."""
    held = {one.name: one for one in there.repositories}
    source = {one.name: one for one in plan_of.repositories}
    for item in needed(plan_of, read(there, names), EVERYTHING).items:
        body = import_body("source", item, names, force=False)
        tagged = [text.split(":") for text in body.get("targetTags", ())]
        place = tagged[0][0] if tagged else body["untaggedTargetRepositories"][0]
        before = held.get(place, Repository(name=place))
        found = [one for one in source[item.repository].manifests if one.digest == item.digest]
        tags = tuple(Tag(name=tag, digest=item.digest) for _, tag in tagged)
        manifests = (*before.manifests, *found)
        held[place] = before.model_copy(update={"manifests": manifests, "tags": (*before.tags, *tags)})
    return content(*held.values())


def read(there: Content, names: RenameMap) -> Content:
    """Return the target's content as the client reads it."""
    repositories = tuple(one.model_copy(update={"name": names.to_source(one.name)}) for one in there.repositories)
    return there.model_copy(update={"repositories": repositories, "names": names})


@settings(max_examples=200, deadline=None)
@given(rules=RULES.filter(accepted), names=REGISTRIES)
def test_no_collision_is_missed_and_none_is_invented(rules: dict[str, str], names: set[str]) -> None:
    """Compared pair by pair."""
    pairs = {(one, other) for one in names for other in names if one < other}
    colliding = {pair for pair in pairs if name_there(pair[0], rules) == name_there(pair[1], rules)}

    found = RenameMap(rules=rules).collisions(names)
    blocked = find_collisions(source_of(names), request(rename=rules))

    assert {pair for here in found.values() for pair in pairs if set(pair) <= set(here)} == colliding
    assert bool(blocked) == bool(colliding)


@settings(max_examples=200, deadline=None)
@given(rules=RULES.filter(accepted), names=REGISTRIES, others=st.sets(NAMES, max_size=3))
def test_a_relocated_registry_is_equal_under_its_map(rules: dict[str, str], names: set[str], others: set[str]) -> None:
    """With the repositories of others at the target; and the second run imports nothing."""
    known = RenameMap(rules=rules).knowing(names)
    if known.collisions(names):
        return
    source = source_of(names)
    taken = {known.to_target(name) for name in names}
    theirs = content(*(repository(name, image(f"theirs {name}"), v9=f"theirs {name}") for name in others - taken))

    there = imported(source, theirs, known)
    now = read(there, known)

    assert len({one.name for one in now.repositories}) == len(there.repositories)
    assert all(
        known.to_target(one.name) == held.name for one, held in zip(now.repositories, there.repositories, strict=True)
    )
    assert unclean(compare(source, now, EVERYTHING)) == ()
    assert needed(source, now, EVERYTHING).items == ()
    extra = {found.repository for found in compare(source, now, EVERYTHING)}
    assert {known.to_target(name) for name in extra} == others - taken
    assert all(plan_copy_roots(one, EVERYTHING).digests for one in source.repositories)
