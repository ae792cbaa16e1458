"""How each recorded exchange is asked again: by operation, a function of the stage that returns the answer."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.emulator.replay.comparison import Answer, Exchange
from tests.emulator.replay.stage import Stage

Scene = Callable[[Stage, Exchange], Awaitable[Answer]]
SCENES: Final[dict[str, Scene]] = {}


def scene(*operations: str) -> Callable[[Scene], Scene]:
    """Register a scene for operations."""

    def register(function: Scene) -> Scene:
        for operation in operations:
            assert operation not in SCENES, operation
            SCENES[operation] = function
        return function

    return register


def ask(operation: str, body: object = None, before: Scene | None = None, **names: str) -> None:
    """Register the exchange as it is recorded: its method and path with these names, and this body."""

    async def asked(stage: Stage, exchange: Exchange) -> Answer:
        if before is not None:
            await before(stage, exchange)
        return await stage.arm(exchange["method"], stage.fill(exchange["path"], **names), exchange["api_version"], body)

    scene(operation)(asked)


def poll(operation: str, start: Callable[[Stage, Exchange], Awaitable[Answer]], *, header: str = "") -> None:
    """Register a look at the operation that `start` begins: at its end if the name ends in `done` or has `failed`."""

    async def polled(stage: Stage, exchange: Exchange) -> Answer:
        done = operation.endswith("done") or ".failed." in operation
        return await stage.poll(await start(stage, exchange), done=done, header=header)

    scene(operation)(polled)


def starting(
    method: str, path: str, body: object = None, **names: str
) -> Callable[[Stage, Exchange], Awaitable[Answer]]:
    """Return what begins an operation, at the exchange's api-version."""

    async def start(stage: Stage, exchange: Exchange) -> Answer:
        return await stage.arm(method, stage.fill(path, **names), exchange["api_version"], body)

    return start


def bodies(*parts: dict[str, Any]) -> dict[str, Any]:
    """Return one body of several."""
    return {key: value for part in parts for key, value in part.items()}
