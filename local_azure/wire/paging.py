"""Pages of a registry's listings: `n`, `last` and the Link to the next page."""

from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import quote

from local_azure.state.errors import RegistryError
from local_azure.wire.routing import Call

MAX_PAGE = 1000


def page_size(call: Call) -> int:
    """Return how many entries the client gets: the requested number, by default 100, never more than 1000."""
    text = call.query.get("n", "") or "100"
    if not text.isdigit() or int(text) < 1:
        raise RegistryError(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested", {"n": text})
    return min(int(text), MAX_PAGE)


def cut(call: Call, names: Iterable[str], listing: str) -> tuple[list[str], dict[str, str]]:
    """Return one page of names, and its Link header if there is more."""
    size = page_size(call)
    window = list(islice(names, size + 1))
    page = window[:size]
    if call.world.faults.take("truncate-catalogue", path=call.path, listing=listing):
        return page[: max(0, len(page) - 3)], {}
    return page, next_page(call, page[-1], size) if len(window) > size else {}


def next_page(call: Call, last: str, size: int) -> dict[str, str]:
    """Return the Link header, relative to the host as ACR writes it."""
    rest = "".join(f"&{key}={quote(call.query[key])}" for key in ("digest",) if call.query.get(key))
    order = quote(call.query.get("orderby", ""))
    path = quote(call.path, safe="/")
    return {"Link": f'<{path}?last={quote(last, safe="")}&n={size}&orderby={order}{rest}>; rel="next"'}


def behind(names: Iterable[str], last: str) -> Iterator[str]:
    """Yield the entries after `last` in a listing that is not sorted by name; everything without a `last`."""
    iterator = iter(names)
    if last:
        for name in iterator:
            if name == last:
                break
    return iterator
