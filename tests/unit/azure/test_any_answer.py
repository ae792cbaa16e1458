"""Any answer of Azure leads to a named error at most: properties over undocumented answers."""

import copy
import json
import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acr_relocate.azure.client.arm import address
from acr_relocate.azure.client.errors import of_answer, readable_answers
from acr_relocate.azure.client.long_running import ArmResponse, poll_url
from acr_relocate.azure.client.refusals import Refusal, read_refusal
from acr_relocate.azure.client.retries import LONGEST_ASKED, retry_after
from acr_relocate.azure.content.listing import _Entry, _tag
from acr_relocate.core.cut_over import build_cut_over
from acr_relocate.core.cut_over.odd_dependents import without_odd_dependents
from acr_relocate.core.dependencies import Surroundings, build_map
from acr_relocate.core.dependencies.build_map import WHAT
from acr_relocate.core.dependencies.odd_rows import with_rows
from acr_relocate.core.errors import RelocationError, UnexpectedAnswer
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from tests.support.builders import request
from tests.support.surroundings import HERE, SERVER, resource
from tests.unit.dependencies.dependency_examples import PLANTED

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
KEYS = st.sampled_from(
    ["error", "errors", "code", "message", "details", "innererror", "detail", "value", "status", "nextLink", "x"]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
ODD_WAITS = st.text(max_size=30) | st.sampled_from(
    ["1, 1", "soon", "-5", "nan", "inf", "1e400", "", " ", "0", "99999999999", "Fri, 31 Feb 2026 10:00:00 GMT",
     "Wed, 21 Oct 2026 07:28:00", "Wed, 21 Oct 2026 07:28:00 -0000", "Wed, 21 Oct 2026 07:28:00 GMT, 5"]
)  # fmt: skip


@given(JSON)
def test_any_body_is_read_as_a_refusal(body: Any) -> None:
    """Nulls and wrong types are left out; code and message are text."""
    refusal = read_refusal(body)

    assert isinstance(refusal, Refusal)
    assert all(isinstance(text, str) for text in (refusal.code, refusal.message, *refusal.inner))


@given(st.sampled_from([None, 400, 401, 403, 404, 409, 412, 418, 429, 500, 503]), JSON, ODD_WAITS)
def test_any_answer_is_a_named_error(status: int | None, body: Any, wait: str) -> None:
    """An error of the core says what we were doing, whatever Azure said."""
    error = of_answer(status, {"retry-after": wait}, body, "Reading the registry", "/subscriptions/s")

    assert isinstance(error, RelocationError)
    assert error.message.startswith("Reading the registry failed: ")
    assert error.code


@given(ODD_WAITS, ODD_WAITS, st.sampled_from(["retry-after", "retry-after-ms", "x-ms-retry-after-ms"]))
def test_any_wait_is_a_sensible_one(said: str, date: str, name: str) -> None:
    """Neither for ever nor back in time; nonsense is as if it was not there."""
    wait = retry_after({name: said, "date": date})

    assert wait is None or (math.isfinite(wait) and 0 <= wait <= LONGEST_ASKED)


@given(st.datetimes(), st.integers(0, 3000))
def test_a_date_is_counted_from_the_answers_own(now: datetime, seconds: int) -> None:
    """A clock that is wrong here does not matter."""
    headers = {"retry-after": _http_date(now, seconds), "date": _http_date(now, 0)}

    assert retry_after(headers) == seconds


@given(st.integers(200, 204), JSON)
def test_any_look_at_an_operation_tells_something(status: int, body: Any) -> None:
    """A body of a wrong type is no status, and none of the looks fails."""
    answer = ArmResponse(status, {}, body if isinstance(body, dict) else {})

    assert answer.is_last in {True, False}
    assert poll_url(answer, "https://management.azure.com/1") == "https://management.azure.com/1"


@given(JSON)
def test_any_page_is_a_listing_or_an_error(body: Any) -> None:
    """An answer that is no listing is never an empty one."""
    answer = ArmResponse(200, {}, body if isinstance(body, dict) else {})
    try:
        page = answer.page("Listing", "x")
    except UnexpectedAnswer:
        return
    assert answer.body["value"] is None or page == answer.body["value"]


@given(st.text(max_size=40))
def test_any_link_has_an_address(url: str) -> None:
    """An invalid link is not followed."""
    assert address(url) != address("https://management.azure.com")


@given(
    st.dictionaries(
        st.sampled_from(
            ["digest", "name", "mediaType", "imageSize", "tags", "os", "lastUpdateTime", "changeableAttributes"]
        ),
        JSON,
    )
)
def test_any_entry_of_a_listing_is_read_or_a_named_error(entry: dict[str, Any]) -> None:
    """Times without zone, sizes as text, nulls."""
    for read in (_Entry.of, _tag):
        with suppress(UnexpectedAnswer), readable_answers():
            read(entry)


def test_a_time_without_zone_is_one_of_utc() -> None:
    """Old registries tell such times; compared with others they must not break."""
    tag = _tag({"name": "1.0", "digest": "sha256:1", "lastUpdateTime": "2019-05-29T14:00:00.123"})

    assert tag.updated is not None
    assert tag.updated.utcoffset() is not None


def test_a_defect_of_ours_is_no_answer_of_azure() -> None:
    """Errors from elsewhere than reading an answer pass unchanged."""
    with pytest.raises(KeyError), readable_answers():
        raise KeyError("ours")


def _http_date(now: datetime, seconds: int) -> str:
    return format_datetime(now.replace(microsecond=0, tzinfo=UTC, year=2024) + timedelta(seconds=seconds), usegmt=True)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value inside."""
    if path:
        yield path
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in named:
        yield from _places(inner, (*path, name))


def _with(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """A copy that has the odd value there."""
    if not path:
        return odd
    copied = copy.copy(value)
    copied[path[0]] = _with(value[path[0]], path[1:], odd)
    return copied


@given(st.sampled_from(sorted(PLANTED)), st.data())
def test_any_odd_user_of_a_registry_is_set_aside_alone(planted: str, data: st.DataObject) -> None:
    """Resources of others have any form: one that is not understood is named, and stops no other from being seen."""
    around = json.loads(Surroundings(**PLANTED[planted][0]).model_dump_json(exclude_defaults=True))
    rows = [path for path in _places(around) if len(path) > 1 and isinstance(around[path[0]], list)]
    if not rows:
        return
    path = data.draw(st.sampled_from([one for one in rows if one[0] != "locks"] or [("naming",)]))
    if len(path) < 2:
        return
    odd = _with(around, path, data.draw(JSON))
    parts = {part: tuple(found) for part, found in odd.items() if part in WHAT and isinstance(found, list)}
    others = Surroundings().model_copy(update={"running": Surroundings(**PLANTED[planted][0]).running})
    sound = resource("Microsoft.App/containerApps", "sound", {"configuration": {"registries": [{"server": SERVER}]}})
    parts["naming"] = (*parts.get("naming", ()), sound)
    parts.pop("locks", None)
    asked = request(switch=DependentsToSwitch(enabled=True))

    found = without_odd_dependents(HERE, with_rows(others, parts))
    drawn = build_map(HERE, found, asked)
    build_cut_over(HERE, found, asked)

    assert "sound" in {one.name for one in drawn.dependencies}
    assert len(found.odd) <= 1
    assert sum(len(getattr(found, part)) for part in parts) + len(found.odd) == sum(map(len, parts.values()))
    assert sum(one.odd for one in drawn.unread) == len(found.odd)


def test_the_place_of_an_answer_that_is_not_understood_is_told() -> None:
    odd = resource("Microsoft.App/containerApps", "shop", {"configuration": {"registries": ["x"]}})

    with pytest.raises(UnexpectedAnswer, match=r"core/dependencies/workloads\.py, line \d+"), readable_answers():
        build_map(HERE, Surroundings(naming=(odd,)), request())
