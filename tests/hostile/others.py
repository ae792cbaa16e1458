"""The other people: they push and delete, have resources with copied tags, and forge records; each act is noted."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from acr_relocate.azure.client.session import connection
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.request.relocation import parse_request
from local_azure.launcher import Emulator
from local_azure.seeds.surroundings import LOGS_ID
from tests.contract.registry_factory import Pusher
from tests.hostile.books import FORGER, Books, Ledger, steady
from tests.hostile.names import REQUEST, SOURCE, SOURCE_GROUP, SOURCE_ID, TARGET, TARGET_GROUP, TARGET_ID

ALERT = "providers/Microsoft.Insights/metricAlerts"
OWNER_ROLE = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


class Others:
    """Everybody but the operators."""

    def __init__(self, emulator: Emulator, ledger: Ledger, chance: random.Random) -> None:
        self._emulator, self.ledger, self._chance = emulator, ledger, chance
        self._number = 0
        self._forged: set[str] = set()

    def act(self, books: Books) -> str:
        """One of them does something; what it was."""
        acts: list[Callable[[Books], str]] = [
            self.push_to_source, self.delete_at_source, self.plant_a_copied_tag, self.forge_a_record,
        ]  # fmt: skip
        if books.has_registry(TARGET_ID):
            acts.append(self.push_to_target)
        return self._chance.choice(acts)(books)

    def push_to_source(self, books: Books) -> str:
        """A new tag, a tag that moves, an image without a tag, or a new repository."""
        held = books.repositories(SOURCE, SOURCE_ID)
        if not held:
            return "the source is gone"
        name = self._chance.choice([*sorted(held), f"brand/new-{self._next()}"])
        tags = sorted(held.get(name, {}).get("tags", {})) or ["v1"]
        tag = self._chance.choice([(), (f"late-{self._next()}",), (self._chance.choice(tags),)])
        digest = self._push(SOURCE, name, tag)
        if digest:
            self.ledger.content.setdefault(name, set()).add(digest)
        return f"somebody pushes {name}:{','.join(tag) or '(no tag)'} to the source: {digest or 'refused'}"

    def push_to_target(self, books: Books) -> str:
        """An image of their own, in a repository of theirs or of everybody."""
        name = self._chance.choice(["team-z/own", *sorted(books.repositories(TARGET, TARGET_ID))])
        digest = self._push(TARGET, name, (f"theirs-{self._next()}",))
        if digest:
            self.ledger.their_images.setdefault(name, set()).add(digest)
        return f"somebody pushes {name} to the target: {digest or 'refused'}"

    def delete_at_source(self, books: Books) -> str:
        """A tag is deleted by its owner: its manifest stays."""
        tagged = [(name, tag) for name, item in books.repositories(SOURCE, SOURCE_ID).items() for tag in item["tags"]]
        if not tagged:
            return "the source has no tag"
        name, tag = self._chance.choice(sorted(tagged))
        done = _attempt(_delete_tag(self._emulator, SOURCE, name, tag))
        return f"somebody deletes {name}:{tag} at the source: {done or 'done'}"

    def plant_a_copied_tag(self, books: Books) -> str:
        """A policy of Azure copies the plan's tag to an alert rule that is somebody else's."""
        path = f"{self._chance.choice((SOURCE_GROUP, TARGET_GROUP))}/{ALERT}/theirs-{self._next()}"
        group = path.partition("/providers/")[0]
        if not any(one.lower() == group.lower() for one in books.resources):
            return "there is no group for a resource of others"
        tags = {PLAN_TAG: relocation_id(parse_request(REQUEST))}
        self._emulator.plant(path, location="global", tags=tags, properties={"scopes": [LOGS_ID], "enabled": True})
        self.ledger.theirs[path] = tags
        return f"a policy copies the plan's tag to {path.rpartition('/')[2]}"

    def forge_a_record(self, books: Books) -> str:
        """Plant a forged record: it would grant a stranger access."""
        del books
        kind = self._chance.choice(("taken", "freeze"))
        role = {"name": FORGER, "role": OWNER_ROLE, "principal_id": FORGER}
        facts = {"registry_id": SOURCE_ID.lower(), "roles": [role]} if kind == "taken" else {"host": "evil.example"}
        text = self._chance.choice([json.dumps(facts), "", "null", "{" * 2000])
        digits, name = (sha256(one.encode()).hexdigest()[:12] for one in (SOURCE_ID.lower(), text))
        path = f"{SOURCE_GROUP}/providers/Microsoft.Resources/deployments/acr-relocate-{kind}-{digits}-{name}"
        parameters = {"facts": {"type": "Array", "value": [text]}}
        stamp = datetime.now(UTC).isoformat()
        properties = {"provisioningState": "Succeeded", "timestamp": stamp, "parameters": parameters}
        self._emulator.plant(path, properties=properties)
        self._forged.add(path)
        return f"somebody forges the record {path.rpartition('/')[2]}"

    def withdraw(self) -> None:
        """Delete the forged records, as the message says."""
        for path in self._forged:
            self._emulator.uproot(path)
        self._forged.clear()

    def leave(self) -> None:
        """Stop all use of the source: settings name the target, its logs have been silent."""
        old = f"{SOURCE}.azurecr.io"
        for one in self._emulator.resources():
            text = json.dumps(one.get("properties"))
            if old in text and not one["id"].startswith(SOURCE_ID) and "Microsoft.Network" not in one["id"]:
                self._emulator.plant(one["id"], properties=json.loads(text.replace(old, f"{TARGET}.azurecr.io")))
        for workspace in self._emulator.resources("Microsoft.MachineLearningServices/workspaces"):
            self._emulator.plant(workspace["id"], properties={"containerRegistry": TARGET_ID})
        self._emulator.log(LOGS_ID, "ContainerInventory")
        at = (datetime.now(UTC) - timedelta(days=60)).isoformat()
        event = {"TimeGenerated": at, "_ResourceId": SOURCE_ID.lower(), "OperationName": "Push", "Identity": "someone"}
        self._emulator.log(LOGS_ID, "ContainerRegistryRepositoryEvents", event | {"Repository": "legacy/monolith"})

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _push(self, registry: str, name: str, tags: tuple[str, ...]) -> str:
        return _attempt(_push(self._emulator, registry, name, tags, f"late {self._next()}"), "sha256")


def begin(books: Books) -> Ledger:
    """The ledger of a world in which nothing has happened."""
    held = books.repositories(SOURCE, SOURCE_ID)
    return Ledger(
        content=books.whole(SOURCE, SOURCE_ID),
        resources=books.at_source(),
        locks={name: steady(item["attributes"]) for name, item in held.items()},
    )


async def _push(emulator: Emulator, registry: str, name: str, tags: tuple[str, ...], text: str) -> str:
    os.environ.update(emulator.env)
    async with connection() as azure:
        return await Pusher(azure.data_plane(f"{registry}.azurecr.io")).image(name, *tags, text=text)


async def _delete_tag(emulator: Emulator, registry: str, name: str, tag: str) -> str:
    os.environ.update(emulator.env)
    async with connection() as azure:
        await azure.data_plane(f"{registry}.azurecr.io").delete(name, tag)
    return ""


def _attempt(work: Coroutine[None, None, str], wanted: str = "") -> str:
    """Return the outcome: a digest where one is wanted, else the reason why a lock or a fault refused it."""
    try:
        return asyncio.run(work)
    except RelocationError as error:
        return "" if wanted else type(error).__name__
