"""A request holds no secret, and no character that acts where it is shown, in any of its fields."""

import pytest

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request.plain_data import require_plain

SECRETS = [
    "-----BEGIN PRIVATE KEY-----\nMIIE",
    "eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJodHRwczovL.c2ln",
    "Bearer abcdefghijklmnopqrstuvwxyz",
    "https://hooks.example/x?sig=abcdefghijkl",
    "https://me:word@git.example/repo",
    "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=abcdefgh==",
    "aBc8Q~" + "x" * 34,
    "A" * 42 + "+ACRabc123",
    "ghp_" + "a" * 36,
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("place", ["target.comment", "notes[1]"])
def test_what_looks_like_a_secret_is_refused_and_not_repeated(secret: str, place: str) -> None:
    """With its place and the way to give it."""
    data = {"target": {"comment": secret}} if place == "target.comment" else {"notes": ["x", secret]}
    with pytest.raises(InvalidRequest) as refused:
        require_plain(data)
    assert place in refused.value.message
    assert secret not in str(refused.value)
    assert "token_vault" in refused.value.remedy


@pytest.mark.parametrize("text", ["\ud800", "\x1b[2J", "a\x00", "\u202egpj"])
def test_a_character_that_acts_is_refused_in_values_and_names(text: str) -> None:
    """And shown as what it is."""
    for data in ({"a": text}, {text: 1}, [{"b": {text: 1}}]):
        with pytest.raises(InvalidRequest) as refused:
            require_plain(data)
        assert text not in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        {"source": {"name": "shop"}, "pinned": ["team/app@sha256:" + "0" * 64]},
        {"subnets": {"/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/x": "y"}},
        ["https://shop.azurecr.io/v2/", "/v1\\..*/", "Größe 東京", "two\nlines"],
    ],
)
def test_what_requests_hold_is_let_through(data: object) -> None:
    """Ids, digests, patterns, addresses without a password."""
    require_plain(data)
