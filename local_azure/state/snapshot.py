"""The state of a world in a file, and back."""

import json
from pathlib import Path
from typing import Any

from local_azure.state.content import RegistryContent
from local_azure.state.world import World

FORMAT = 1


def snapshot(world: World) -> dict[str, Any]:
    """Return everything that outlives a process, as JSON. Operations in progress do not."""
    return {
        "format": FORMAT,
        "resources": world.resources.snapshot(),
        "directory": world.directory.snapshot(),
        "providers": world.providers.snapshot(),
        "content": {name: content.snapshot() for name, content in world.content.items()},
    }


def save(world: World, path: Path) -> None:
    """Write the state atomically."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(json.dumps(snapshot(world)))
    unfinished.replace(path)


def load(world: World, path: Path) -> None:
    """Load a saved state; ValueError if the file is of another format."""
    state = json.loads(path.read_text())
    if state.get("format") != FORMAT:
        raise ValueError(f"{path} is not a state of this local-azure (format {state.get('format')}, expected {FORMAT})")
    restore(world, state)


def restore(world: World, state: dict[str, Any]) -> None:
    """Make the world what `snapshot` described."""
    world.resources.restore(state["resources"])
    world.directory.restore(state["directory"])
    world.providers.restore(state["providers"])
    world.content = {name: RegistryContent.restore(content) for name, content in state["content"].items()}
