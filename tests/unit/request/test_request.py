"""The one input: what is accepted, and one clear message for what is not."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.utilities.schema_tools.validation import validate

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.regions import REGIONS, normalise_region
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest, parse_request

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
SOURCE_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
    "/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
)
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s"


def data(**changes: Any) -> dict[str, Any]:
    """A good request as a file holds it, with changes by dotted path (`source__name`)."""
    request: dict[str, Any] = {
        "source": {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-west", "name": "contosoregistry"},
        "target": {"resource_group": "contoso-north", "name": "contosoregistryne", "location": "northeurope"},
    }
    for path, value in changes.items():
        *parents, field = path.split("__")
        place = request
        for parent in parents:
            place = place.setdefault(parent, {})
        place[field] = value
    return request


def without(*path: str) -> dict[str, Any]:
    request = data()
    place = request
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return request


ENDPOINT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/pe"


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ({"pe": {}}, '"pe" is not the resource id of a private endpoint'),
        ({ENDPOINT: {"registry": "10.1"}}, '"10.1" is not an IPv4 address'),
        ({ENDPOINT: {"registry": "fd00::1"}}, '"fd00::1" is not an IPv4 address'),
        ({ENDPOINT: {"blob": "10.0.0.9"}}, "blob"),
    ],
)
def test_static_address_that_is_none_is_refused(fixed: dict[str, Any], message: str) -> None:
    """For a private endpoint by its id, and for the members that registries have."""
    with pytest.raises(InvalidRequest, match="static_addresses") as error:
        parse_request(data(static_addresses=fixed))
    assert message in error.value.message


def test_minimal_request_moves_everything() -> None:
    """Source and target are enough: all content, no force, the source's subscription."""
    request = parse_request(data())

    assert request.selection.repositories == ["*"]
    assert (request.selection.untagged, request.selection.referrers, request.force) == (True, True, False)
    assert request.target_id == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-north"
        "/providers/Microsoft.ContainerRegistry/registries/contosoregistryne"
    )


AT_HAND = [
    "contosoregistry",
    "ContosoRegistry",  # which Azure's own tools refuse to make today, and which is the same name
    "contosoregistry.azurecr.io",
    "ContosoRegistry-a1b2c3.azurecr.io",
    SOURCE_ID,
]


@pytest.mark.parametrize("name", [*AT_HAND, SOURCE_ID.replace("G", "g")])
def test_three_fields_are_enough(name: str) -> None:
    """Which registry, in whatever form a person has it at hand; how the new one is called; and the region."""
    given = {"source": {"name": name}, "target": {"name": "contosoregistryne", "location": "northeurope"}}
    request = parse_request(given)
    found = request.settled(RegistryRef(name=SOURCE_ID))

    assert request.source.name == "contosoregistry"
    assert request.source.is_located is name.startswith("/")
    assert found.target_id == SOURCE_ID + "ne"
    assert found.target.resource_group == "contoso-west"


def test_form_asks_for_three_fields_only() -> None:
    """All else has a default, and the regions are a list."""
    models = RelocationRequest.model_json_schema()["$defs"]
    asked = {name: models[name]["required"] for name in ("RegistryRef", "TargetRef")}

    assert asked == {"RegistryRef": ["name"], "TargetRef": ["name", "location"]}
    assert "northeurope" in models["TargetRef"]["properties"]["location"]["enum"]


REFUSED_IN_THE_FORM = {
    ("source", "name"): (
        "Contoso-Registry!",
        "'a registry name (5 to 50 letters and digits), login server or resource id' was expected",
    ),
    ("target", "name"): (
        "contoso.azurecr.io",
        "'a registry name: 5 to 50 lower-case letters and digits; or same, to keep the name' was expected",
    ),
    ("target", "resource_group"): (
        "group.",
        "'a resource group name: 1 to 90 letters, digits, and -_.() but no full stop at the end' was expected",
    ),
    ("window", "start"): ("10 pm", "'a time of the day, such as 22:00' was expected"),
}


@pytest.mark.parametrize("field", REFUSED_IN_THE_FORM)
def test_form_says_in_words_what_was_expected(field: tuple[str, str]) -> None:
    """As Prefect's server validates the form: at the field, and without a regular expression."""
    value, message = REFUSED_IN_THE_FORM[field]
    schema = RelocationRequest.model_json_schema()

    (error,) = validate(data(**{"__".join(field): value}), schema)

    assert (tuple(error.path), error.message) == (field, message)
    assert validate(data(), schema) == []


@pytest.mark.parametrize("name", AT_HAND)
def test_form_takes_what_a_person_has_at_hand(name: str) -> None:
    """The name, the login server, or the resource id."""
    assert validate(data(source__name=name), RelocationRequest.model_json_schema()) == []


def test_region_may_be_written_as_the_portal_does() -> None:
    """`North Europe` is northeurope."""
    assert parse_request(data(target__location="North Europe")).target.location == "northeurope"


def test_request_survives_json() -> None:
    """A deployment stores the request that it was given."""
    request = parse_request(data(subnets={SUBNET: SUBNET}, selection={"repositories": ["team/*"]}))

    assert RelocationRequest.model_validate_json(request.model_dump_json()) == request


def test_form_shows_every_default_and_knows_every_place() -> None:
    """The Prefect UI shows only literal defaults, titles and positions."""
    schema = RelocationRequest.model_json_schema()
    models = [schema, *(model for model in schema["$defs"].values() if model["type"] == "object")]

    for model in models:
        positions = [field["position"] for field in model["properties"].values()]
        assert positions == list(range(len(positions)))
        for name, field in model["properties"].items():
            assert field["title"]
            assert field["description"]
            assert "default" in field or name in model["required"]


WRONG = {
    "a region with a wrong number": (
        data(target__location="westus9"),
        'target.location: "westus9" is not an Azure region; did you mean westus, westus2, westus3?',
    ),
    "an unknown region": (data(target__location="atlantis"), 'target.location: "atlantis" is not an Azure region'),
    "a misspelt field": (
        {("targt" if key == "target" else key): value for key, value in data().items()},
        "targt: unknown field; did you mean target?",
    ),
    "a misspelt field inside": (
        data(target__regoin_group="x"),
        "target.regoin_group: unknown field; did you mean resource_group?",
    ),
    "a field that is like no other": (
        data(source__zzz=1),
        "source.zzz: unknown field; the fields here are name, resource_group, subscription_id",
    ),
    "a missing field": (without("source", "name"), "source.name: required, but missing"),
    "a registry name with capitals": (
        data(target__name="Contoso-Registry"),
        (
            'target.name: "Contoso-Registry" is not a registry name: 5 to 50 lower-case letters and digits; '
            "or same, to keep the name"
        ),
    ),
    "a registry name that YAML reads as a number": (
        data(source__name=12345),
        "source.name: 12345 is not text; if it should be, put it in quotes",
    ),
    "a subscription that is no GUID": (
        data(source__subscription_id="prod"),
        (
            'source.subscription_id: "prod" is not a subscription id, '
            "which is a GUID such as 12345678-abcd-1234-abcd-123456789abc"
        ),
    ),
    "a resource group that ends with a full stop": (
        data(target__resource_group="group."),
        (
            'target.resource_group: "group." is not a resource group name: '
            "1 to 90 letters, digits, and -_.() but no full stop at the end"
        ),
    ),
    "a resource id of another subscription": (
        data(source__name=SOURCE_ID.replace("2222-2222", "3333-3333")),
        "source: name: the resource id says another subscription_id than the request",
    ),
    "a resource id of something else": (
        data(source__name=SUBNET),
        f'source: name: "{SUBNET}" is not the resource id of a registry (/subscriptions/…/registries/NAME)',
    ),
    "the source's name": (
        data(target__name="contosoregistry"),
        (
            'target.name: "contosoregistry" is the source\'s name; the target needs another one, '
            "because registry names are global in a cloud. To keep the name: same"
        ),
    ),
    "a number in words": (data(concurrency="many"), 'concurrency: "many" is not a whole number'),
    "a number too small": (data(concurrency=0), "concurrency: 0 is less than 1"),
    "a number too large": (data(import_timeout_minutes=10_000), "import_timeout_minutes: 10000 is more than 1440"),
    "no repositories": (data(selection__repositories=[]), "selection.repositories: the list is empty"),
    "a repository with capitals": (
        data(selection__repositories=["ok", "Nginx"]),
        'selection.repositories[1]: "Nginx" can match nothing: repository names are lower-case',
    ),
    "a repository with its registry": (
        data(selection__repositories=["contoso.azurecr.io/nginx:1"]),
        (
            'selection.repositories[0]: "contoso.azurecr.io/nginx:1" can match nothing: repository names are letters, '
            "digits and ._-/ without the registry and without a tag; "
            "* and ? stand for any of them, [ab] for one of these, and /…/ is a regular expression"
        ),
    ),
    "an invalid regular expression": (
        data(selection__repositories=["/team-(/"]),
        (
            'selection.repositories[0]: "/team-(/" is not a regular expression: '
            "missing ), unterminated subpattern at position 5"
        ),
    ),
    "a regular expression without end": (
        data(selection__exclude_tags=["/v1"]),
        'selection.exclude_tags[0]: "/v1" begins with a slash, as a regular expression does, but does not end with one',
    ),
    "a tag with its repository": (
        data(selection__tags=["nginx:1.27"]),
        (
            'selection.tags[0]: "nginx:1.27" can match nothing: tags are letters, digits and ._- without the '
            "repository; * and ? stand for any of them, [ab] for one of these, and /…/ is a regular expression"
        ),
    ),
    "versions that are no range": (
        data(selection__versions="newer than 1.2"),
        'selection.versions: "newer than 1.2" is not a range of versions such as ">=1.2 <2" or "^1.4"',
    ),
    "an invalid time": (
        data(selection__since="last week"),
        'selection.since: "last week" is neither a date such as 2026-01-31 nor a number of days such as 30',
    ),
    "an invalid image": (
        data(selection__pinned=["app@sha256:abc"]),
        (
            'selection.pinned[0]: "app@sha256:abc" is not an image such as team/app:1.2 '
            "or team/app@sha256:<64 hexadecimal digits>"
        ),
    ),
    "a number that is a flag": (data(concurrency=True), "concurrency: true is not a whole number"),
    "a number without end": (
        data(import_timeout_minutes=10**40),
        f"import_timeout_minutes: {10**40} is more than 1440",
    ),
    "not a number": (data(concurrency=float("nan")), "concurrency: NaN is not a whole number"),
    "repositories that are no list": (
        data(selection__repositories="team/*"),
        'selection.repositories: "team/*" is not a list',
    ),
    "a flag that is no flag": (data(force="perhaps"), 'force: "perhaps" is neither true nor false'),
    "a subnet that is no subnet": (
        data(subnets={SUBNET: "subnet-2"}),
        f'subnets.{SUBNET}: "subnet-2" is not the resource id of a subnet (/subscriptions/…/subnets/NAME)',
    ),
    "a source that is only a name": (
        data(source="contosoregistry"),
        'source: "contosoregistry" is not a mapping of fields',
    ),
    "several at once": (
        data(target__location="westus9", concurrency=0),
        (
            "2 things are wrong:\n"
            '  target.location: "westus9" is not an Azure region; did you mean westus, westus2, westus3?\n'
            "  concurrency: 0 is less than 1"
        ),
    ),
    "not even a mapping": (["source"], "The request is not a mapping with the fields source and target."),
    "nothing": (None, "The request is not a mapping with the fields source and target."),
}


@pytest.mark.parametrize(("given", "message"), WRONG.values(), ids=WRONG)
def test_wrong_request_gets_one_clear_message(given: object, message: str) -> None:
    """The field, the value, and what is allowed; no word of the validation library."""
    with pytest.raises(InvalidRequest) as raised:
        parse_request(given)

    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("written", "name"), [("East US 2", "eastus2"), ("eastus2", "eastus2"), ("UK South", "uksouth")]
)
def test_region_names_are_normalised(written: str, name: str) -> None:
    """Display names and programmatic names are both understood."""
    assert normalise_region(written) == name


def test_every_region_is_its_own_name() -> None:
    """The table holds programmatic names only."""
    assert {normalise_region(region) for region in REGIONS} == REGIONS


@pytest.mark.parametrize("name", ["relocate.yaml", "demo.yaml"])
def test_examples_are_good_requests(name: str) -> None:
    """The examples that we show work."""
    example = yaml.safe_load((Path(__file__).parents[3] / "examples" / name).read_text())

    assert parse_request(example).target.location == "northeurope"


def test_the_example_has_every_field() -> None:
    """The README promises that, also of the fields inside others. One that is off is a comment."""
    text = (Path(__file__).parents[3] / "examples" / "relocate.yaml").read_text()
    fields = dict(RelocationRequest.model_fields)
    for field in RelocationRequest.model_fields.values():
        fields |= getattr(field.annotation, "model_fields", {})

    assert len(fields) > 60
    assert [name for name in fields if not re.search(rf"(?m)(^[ #]*|[{{,] ?){name}:", text)] == ["sha256"]  # computed
