"""Methods that are called with the source's name of a repository, and ask the registry for its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from acr_relocate.core.registry.rename_map import RenameMap


class NamesRepositories(Protocol):
    """A client of a registry that may call the source's repositories by other names."""

    names: RenameMap


_Client = TypeVar("_Client", bound=NamesRepositories)
_Parameters = ParamSpec("_Parameters")
_Answer = TypeVar("_Answer")


def named_there(
    method: Callable[Concatenate[_Client, str, _Parameters], _Answer],
) -> Callable[Concatenate[_Client, str, _Parameters], _Answer]:
    """Return the method of a repository, called with the name that the repository has in this registry."""

    @wraps(method)
    def call(client: _Client, name: str, /, *args: _Parameters.args, **more: _Parameters.kwargs) -> _Answer:
        return method(client, client.names.to_target(name), *args, **more)

    return call
