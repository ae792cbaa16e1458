"""Routes as Azure has them: literal segments ignore case, a parameter may span segments, nothing unknown is guessed."""

import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pyjson5
from aiohttp import web

from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request

TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)  # in JSON


@dataclass(frozen=True)
class EndpointAddress:
    """The address of a private endpoint, and the network interface that has it."""

    interface: str
    address: str


if TYPE_CHECKING:
    from local_azure.state.world import World


class Params(dict[str, str]):
    """Path parameters, as written by the caller: `call.params.registry`."""

    def __getattr__(self, name: str) -> str:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class Call:
    """One request on its way through the embedded Azure."""

    world: "World"
    request: web.BaseRequest
    correlation_id: str
    door: "EndpointAddress | None" = None  # of the private endpoint by which it came; None: the public one
    principal: Principal | None = None  # who asks; set for ARM and Graph, the registries find out themselves
    params: Params = field(default_factory=Params)
    template: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # added to whatever the handler answers
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))  # told as x-ms-request-id

    @property
    def method(self) -> str:
        """Return GET, HEAD, PUT, PATCH, POST or DELETE."""
        return self.request.method

    @property
    def path(self) -> str:
        """Return the path, decoded; doubled slashes are one, as for ARM."""
        path = self.request.path
        return re.sub("//+", "/", path) if "//" in path else path

    @property
    def host(self) -> str:
        """Return the host that the client believes it talks to, lower case, without a port."""
        return self.request.host.partition(":")[0].lower()

    @property
    def query(self) -> Mapping[str, str]:
        """Return the query with lower-case keys."""
        return {key.lower(): value for key, value in self.request.query.items()}

    @property
    def api_version(self) -> str:
        """Return the api-version, or an empty string."""
        return self.query.get("api-version", "")

    @property
    def caller(self) -> Principal:
        """Return the authenticated caller."""
        if self.principal is None:
            raise RuntimeError(f"this call to {self.path} is not authenticated")
        return self.principal

    async def json(self) -> dict[str, Any]:
        """Return the body; empty without one.

        Lenient as ARM: comments, unquoted keys and lines inside of a text are fine (az sends them).
        """
        text = await self.request.text()
        if not text.strip():
            return {}
        try:
            body = json.loads(text, strict=False)
        except ValueError:
            body = _lenient(text)
        if not isinstance(body, dict):
            raise bad_request("InvalidRequestContent", "The request content is no object.", gateway=True)
        return body


def _lenient(text: str) -> object:
    joined = TEXT.sub(lambda found: found.group().replace("\r", "\\r").replace("\n", "\\n"), text)
    for tried in (text, joined):
        with suppress(pyjson5.Json5Exception):
            return pyjson5.decode(tried)
    message = "The request content was invalid and could not be deserialized."
    raise bad_request("InvalidRequestContent", message, gateway=True)


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    single: dict[str, "_Node"] = field(default_factory=dict)
    spanning: dict[str, "_Node"] = field(default_factory=dict)
    handlers: dict[str, tuple[str, Handler]] = field(default_factory=dict)


Match = tuple[str, Handler, Params]


class Routes:
    """The routes of one module, in the order in which it names them; the host puts the tables together."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, Handler]] = []

    def route(self, methods: str, template: str) -> Callable[[Handler], Handler]:
        """Register a handler: `@ROUTES.route("GET HEAD", "/subscriptions/{subscription}/resourceGroups/{group}")`."""

        def note(handler: Handler) -> Handler:
            self.entries.append((methods, template, handler))
            return handler

        return note


class Router:
    """The routes of one plane. Literal segments win over `{name}`, that wins over `{name:path}`, which is greedy."""

    def __init__(self, plane: str, tables: Iterable[Routes], otherwise: "Router | None" = None) -> None:
        self.plane = plane
        self._otherwise = otherwise
        self._root = _Node()
        for table in tables:
            for methods, template, handler in table.entries:
                self._add(methods, template, handler)

    def _add(self, methods: str, template: str, handler: Handler) -> None:
        node = self._root
        for segment in template.strip("/").split("/"):
            node = _step(node, segment)
        for method in methods.split():
            node.handlers[method] = (template, handler)

    def templates(self) -> Iterator[tuple[str, str]]:
        """Yield the method and the template of every route."""
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            yield from ((method, template) for method, (template, _) in node.handlers.items())
            waiting += [*node.literal.values(), *node.single.values(), *node.spanning.values()]

    def match(self, method: str, raw_path: str) -> Match | None:
        """Return the most specific route for this method, or the one of `otherwise`."""
        segments = [unquote(segment) for segment in raw_path.split("/") if segment]
        found = _match(self._root, method, segments, 0, Params())
        return found or (self._otherwise.match(method, raw_path) if self._otherwise else None)


def _step(node: _Node, segment: str) -> _Node:
    if not segment.startswith("{"):
        return node.literal.setdefault(segment.lower(), _Node())
    name = segment[1:-1]
    if name.endswith(":path"):
        return node.spanning.setdefault(name.removesuffix(":path"), _Node())
    return node.single.setdefault(name, _Node())


def _match(node: _Node, method: str, segments: list[str], at: int, params: Params) -> Match | None:
    if at == len(segments):
        found = node.handlers.get(method)
        return (*found, params) if found else None
    segment = segments[at]
    following = node.literal.get(segment.lower())
    if following and (found_there := _match(following, method, segments, at + 1, params)):
        return found_there
    for name, child in node.single.items():
        if found_there := _match(child, method, segments, at + 1, Params(params, **{name: segment})):
            return found_there
    for name, child in node.spanning.items():
        for end in (*range(len(segments) - 1, at, -1), len(segments)):  # a path that it ends comes last
            spanned = Params(params, **{name: "/".join(segments[at:end])})
            if found_there := _match(child, method, segments, end, spanned):
                return found_there
    return None
