"""The images of the source: how they are listed, selected, frozen and left out."""

from dataclasses import replace

from acr_relocate.core.checks import Unknown
from acr_relocate.core.registry.inventory import BUILD_CACHE, Attributes, Repository, Tag
from tests.check_cases.evidence import (
    MANY,
    Case,
    evidence,
    holding,
    our_target,
)
from tests.check_cases.source_settings import GIB
from tests.support.builders import content, image, index, repository, request, selection

HIDDEN = Attributes(read_enabled=False)
SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json"
COUNT = "app has 2 manifests, 1 listed"
SCANNED = repository("app", image("a"), replace(image("finding", subject="a"), scanner="MDVM"), v1="a")

STREAMED = repository(
    "app",
    image("a"),
    replace(image("s", subject="a"), artifact_type="application/vnd.azure.artifact.streaming.v1"),
    v1="a",
)

CASES = (
    Case(
        "content that could not be listed",
        evidence(content=Unknown(reason="app has 3 manifests, 2 listed", code="ListingIncomplete")),
        ("listing_incomplete",),
    ),
    Case("a hidden repository", evidence(hidden=("secret/app",)), ("repository_hidden",)),
    Case(
        "a selection of nothing",
        evidence(request=request(selection=selection(repositories=["team-b/*"]))),
        ("selection_is_empty", "selection_matches_nothing"),
    ),
    Case(
        "a selection with a typing error",
        evidence(request=request(selection=selection(repositories=["*", "aap"]))),
        ("selection_matches_nothing",),
    ),
    Case(
        "a selection of nothing that is meant",
        evidence(request=request(selection=selection(repositories=["team-b/*"]), allow_empty=True)),
        ("selection_matches_nothing",),
    ),
    Case(
        "a selection of repositories that are there, and of no tag in them",
        evidence(request=request(selection=selection(tags=["nope"], untagged=False))),
        ("selection_is_empty", "selection_matches_nothing"),
    ),
    Case(
        "a selection of nothing, known from the catalogue alone",
        evidence(
            request=request(selection=selection(repositories=["team-b/*"])),
            content=content().model_copy(update={"not_listed": ("app",)}),
        ),
        ("selection_is_empty", "selection_matches_nothing"),
    ),
    Case(
        "a selection in a registry that is empty",
        evidence(request=request(selection=selection(repositories=["team-b/*"])), content=content()),
        ("selection_matches_nothing",),
    ),
    Case("nothing at all", evidence(content=content())),
    Case(
        "an index of 51",
        holding(index("huge", *MANY), *(image(name) for name in MANY), v1="huge"),
        ("index_beyond_import_limit",),
    ),
    Case("an index of 50", holding(index("huge", *MANY[:50]), *(image(name) for name in MANY[:50]), v1="huge")),
    Case("half an index", holding(index("half", "a", "b"), image("a"), v1="half"), ("index_misses_manifests",)),
    Case(
        "a tag that names nothing",
        evidence(content=content(Repository(name="app", tags=(Tag(name="v1", digest="sha256:" + "0" * 64),)))),
        ("tag_without_manifest",),
    ),
    Case(
        "a count that drifts",
        evidence(content=content(repository("app", image("a"), v1="a").model_copy(update={"unaccounted": COUNT}))),
        ("count_drifts",),
    ),
    Case(
        "a cache of BuildKit",
        holding(replace(image("c"), artifact_type=BUILD_CACHE), v1="c"),
        ("build_cache_left_out",),
    ),
    Case(
        "a cache of BuildKit that comes along",
        evidence(
            request=request(selection=selection(build_caches=True)),
            content=content(repository("app", replace(image("c"), artifact_type=BUILD_CACHE), v1="c")),
        ),
    ),
    Case("schema 1", holding(replace(image("a"), media_type=SCHEMA1), v1="a"), ("schema1_manifest",)),
    Case(
        "an odd media type",
        holding(replace(image("a"), media_type="application/vnd.oci.artifact.manifest.v1+json"), v1="a"),
        ("media_type_not_importable",),
    ),
    Case("foreign layers", holding(replace(image("a"), foreign_layers=True), v1="a"), ("foreign_layers",)),
    Case("quarantine", holding(replace(image("a"), quarantine="Quarantined"), v1="a"), ("quarantined",)),
    Case("released from quarantine", holding(replace(image("a"), quarantine="Passed"), v1="a")),
    Case("a repository that may not be read", holding(image("a"), v1="a", attributes=HIDDEN), ("read_locked",)),
    Case("a manifest that may not be read", holding(image("a", attributes=HIDDEN), v1="a"), ("read_locked",)),
    Case(
        "a tag that is another one at the target",
        evidence(
            target=our_target(),
            target_content=content(repository("app", image("b"), v1="b"), login_server="contosoregistryne.azurecr.io"),
        ),
        ("tag_conflict",),
    ),
    Case(
        "a tag that may be moved",
        evidence(
            request=request(force=True),
            target=our_target(),
            target_content=content(repository("app", image("b"), v1="b"), login_server="contosoregistryne.azurecr.io"),
        ),
    ),
    Case("a very large image", holding(image("a", size=60 * GIB), v1="a"), ("large_image",)),
    Case("a lone signature", holding(image("s", subject="gone")), ("referrer_without_subject",)),
    Case("streaming artifacts", evidence(content=content(STREAMED)), ("artifact_streaming",)),
    Case("findings of Microsoft Defender", evidence(content=content(SCANNED)), ("defender_writes",)),
)
