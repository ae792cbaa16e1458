"""A recording: the shapes of exchanges, no word of a user, and its comparison with another."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.recording.comparison import compare_recordings
from acr_relocate.core.recording.exchange import Exchange, exchange_of, read_recording, to_json
from acr_relocate.core.recording.path_patterns import path_pattern
from acr_relocate.core.recording.shapes import merge, shape_of

ARM = "https://management.azure.com"
SUBSCRIPTION = "/subscriptions/22222222-2222-2222-2222-222222222222"
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/west/providers/Microsoft.ContainerRegistry/registries/contoso"
JSON = {"Content-Type": "application/json; charset=utf-8", "x-ms-request-id": "9", "X-Own": "secret"}


def exchange(body: object, *, method: str = "GET", url: str = f"{ARM}{REGISTRY}?api-version=2025-11-01") -> Exchange:
    return exchange_of(method, url, None, 200, JSON, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        (f"{ARM}{REGISTRY}/tokens/tokens?x=1", "{registry}/tokens/{token}"),
        (f"{ARM}{REGISTRY}/importImage", "{registry}/importImage"),
        (f"{ARM}{REGISTRY}/contoso/own", "{registry}/{type}/{name}"),
    ],
)
def test_a_path_of_a_registry(url: str, pattern: str) -> None:
    """Types stay as they were sent; names and unknown types do not, also where a name is the word of a type."""
    start = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.ContainerRegistry"

    assert path_pattern(url) == f"{start}/registries/{pattern}"


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/providers/Contoso.Own/things/one", "/providers/{namespace}/{type}/{name}"),
        ("/v2/team/app/manifests/v1", "/v2/{repository}/manifests/{reference}"),
        ("/v2/team/blobs/uploads/0b1c", "/v2/{repository}/blobs/uploads/{uuid}"),
        ("/acr/v1/team/app/_tags/v1", "/acr/v1/{repository}/_tags/{tag}"),
        ("/v2/team/app/unheard/of", "/v2/{other}"),
    ],
)
def test_another_path(path: str, pattern: str) -> None:
    """The same of registries' own paths, whose repositories have several parts."""
    assert path_pattern(f"https://contoso.azurecr.io{path}") == pattern


def test_a_body_is_known_names_and_types() -> None:
    """Keys that users choose are `<name>`; any other unknown key is `<unknown>`; values are types."""
    body = {
        "id": REGISTRY,
        "properties": {"creationDate": "2026-01-02T03:04:05.6Z", "own": 1, "status": None},
        "tags": {"cost": "7", "owner": "ann"},
        "value": [{"name": "a"}, {"name": "b", "kind": "c"}],
    }

    assert shape_of(body) == {
        "id": "armId",
        "properties": {"creationDate": "datetime(Z)", "<unknown>": "int", "status": "null"},
        "tags": {"<name>": "str"},
        "value": [{"name": "str", "kind?": "str"}],
    }


def test_values_that_clients_branch_on_are_kept() -> None:
    """States and codes of Azure's own lists, by their path; no other value."""
    body = {"properties": {"provisioningState": "Succeeded", "loginServer": "contoso.azurecr.io", "status": "mine"}}

    assert exchange(body).body_values == {"properties.provisioningState": "Succeeded"}


def test_two_exchanges_of_one_kind_are_one() -> None:
    """A key that one body lacks is optional, and one that differs has no type; headers are those of both."""
    both = exchange({"id": "1", "name": "a"}).with_another(exchange({"id": 2}))

    assert both.body_shape == {"id": "any", "name?": "str"}
    assert both.times == 2
    assert "x-own" not in both.header_names


SECRET = st.text(string.ascii_letters + string.digits, min_size=12, max_size=24).map(lambda text: f"Zq{text}")
LEAF = st.one_of(SECRET, st.none(), st.booleans())
KEY = st.one_of(SECRET, st.sampled_from(["id", "properties", "tags", "value", "code", "status", "template", "layers"]))
BODY = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4))


@given(BODY, st.lists(SECRET, min_size=4, max_size=4))
def test_no_word_of_a_user_is_recorded(body: Any, planted: list[str]) -> None:
    """Planted in names, values, keys, paths, queries and headers: in no recording, whatever their place."""
    name, version, header, value = planted
    url = f"{ARM}/subscriptions/{name}/{name}/{name}/providers/{name}/{name}?api-version={version}&{name}={value}"
    sent = json.dumps({"parameters": {name: {"value": value}}, "properties": body}).encode()
    headers = {header: value, "content-type": value, "location": f"{ARM}/{name}"}

    for path in (url, f"https://{name}.azurecr.io/v2/{name}/manifests/{value}?n={name}"):
        seen = exchange_of(name, path, sent, 200, headers, json.dumps(body).encode())
        text = to_json((seen, seen.with_another(seen)))

        assert "Zq" not in text


@given(BODY, BODY)
def test_merged_shapes_do_not_depend_on_the_order(one: Any, other: Any) -> None:
    """Merging is commutative up to the order of elements, and merging with itself changes nothing."""
    merged = merge(shape_of(one), shape_of(other))

    assert merge(shape_of(one), shape_of(one)) == shape_of(one)
    assert isinstance(merged, type(merge(shape_of(other), shape_of(one))))


def test_a_recording_is_equal_to_itself() -> None:
    """Written and read again."""
    recorded = (exchange({"id": REGISTRY, "tags": {}}), exchange({"value": []}, url=f"{ARM}{REGISTRY}/webhooks"))

    found = compare_recordings(recorded, read_recording(to_json(recorded), "recording.json"))

    assert (found.same, found.different, found.not_asked) == (2, (), ())


def test_differences_are_named() -> None:
    """Missing and additional keys, other types, other states, headers; and kinds that have no counterpart."""
    theirs = exchange({"id": REGISTRY, "name": "a", "properties": {"status": "Pending", "creationDate": "2026"}})
    ours = exchange({"id": REGISTRY, "etag": "b", "properties": {"status": "Approved", "creationDate": 1}})
    ours = ours.model_copy(update={"header_names": (*ours.header_names, "retry-after")})
    other = exchange({}, method="DELETE")

    found = compare_recordings((theirs, other), (ours,))

    assert set(found.different[0].differences) == {
        "the header retry-after was not recorded",
        ".name is missing",
        ".etag was not recorded",
        ".properties.creationDate is int, recorded str",
        "properties.status is Approved, recorded Pending",
    }
    assert [title.split()[0] for title in found.not_asked] == ["DELETE"]


@pytest.mark.parametrize("text", ["", "{}", '[{"method": "GET"}]', "[1]"])
def test_another_file_is_refused(text: str) -> None:
    """With its name."""
    with pytest.raises(InvalidRequest, match=r"own\.json is not a recording"):
        read_recording(text, "own.json")
