"""Options that change what moves, each as a run with its moves: of the demo registry, and of one of their own."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prefect.exceptions import CancelledRun

from acr_relocate.azure.client.session import connection
from acr_relocate.core.approval.decision import ApprovalNeeded, Decision, answer_form
from acr_relocate.core.registry.resource_ids import registry_id
from acr_relocate.core.request.relocation import parse_request
from acr_relocate.core.request.selection import Selection
from deployments.proof import attach_to_images, prove_move
from flows.import_images import import_images
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tasks.runs.approval import TerminalAnswer, answered_at_terminal
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.conftest import LEAST, NUMBERS, SUBSCRIPTION, Move, make_move
from tests.service.merging import DECIDED, merge
from tests.service.syncing import GROUP, make_registry

UNLOCKED = ("contoso/identity/*",)
"""A few images without locks: a tag that is locked at the source is locked at the target, and no prune removes it."""
SIGNED = ("platform/*",)
"""An image with referrers of several types."""
SBOM, SIGNATURE = "application/spdx+json", "application/vnd.cncf.notary.signature"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
EVENTS = "ContainerRegistryRepositoryEvents"
Run = Callable[[], Awaitable[object]]
Held = dict[str, tuple[dict[str, str], list[str]]]
MakeMove = Callable[..., Awaitable[Move]]


@dataclass
class Feature:
    """The run with the option, the runs before it, and the moves to take back afterwards, the last first.

    `shows`: whether the target, by repository its tags and digests, is what the option is for.
    """

    emulator: Emulator
    moves: tuple[Move, ...]
    run: Run
    before: tuple[Run, ...] = ()
    shows: Callable[[Held], bool] = bool

    def held(self) -> Held:
        """The tags and digests of the target, from the emulator's own books; of a referrer its subject.

        A proof has the time at which it was made, and so another digest each time.
        """
        repositories = self.emulator.content(self.moves[0].request.target.name)["repositories"]
        return {
            name: (one["tags"], sorted(found.get("subject") or digest for digest, found in one["manifests"].items()))
            for name, one in repositories.items()
        }


async def of_the_demo(emulator: Emulator, repositories: tuple[str, ...], **options: Any) -> Move:
    """A move of the demo registry, with all that is around it."""
    return make_move(emulator, repositories, **options)


async def of_its_own(emulator: Emulator, repositories: tuple[str, ...], **options: Any) -> Move:
    """A move of a registry of its own: in each repository two images, one in an index, one with referrers.

    `legacy/app` has an image without a tag. All are older than a month; its logs show a pull of v1 today, and begin
    before the images.
    """
    number = next(NUMBERS)
    name, pulls = f"own{number:04}west", f"{GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/own{number}"
    source = registry_id(SUBSCRIPTION, GROUP, name)
    async with connection() as azure:
        await make_registry(azure, name)
        pusher = Pusher(azure.data_plane(f"{name}.azurecr.io"))
        for repository in ("legacy/app", "contoso/identity/login", "platform/gateway"):
            signed = await pusher.image(repository, "v1", text=f"{repository} v1")
            await pusher.referrer(repository, await pusher.referrer(repository, signed, kind=SBOM), kind=SIGNATURE)
            await pusher.index(repository, [await pusher.image(repository, text=f"{repository} v2")], "v2", "latest")
        await pusher.image("legacy/app", text="without a tag")
    age_content(emulator, name, days=45)
    emulator.plant(pulls, location="westeurope", properties={})
    sent = {"workspaceId": pulls, "logs": [{"category": EVENTS, "enabled": True}]}
    emulator.plant(f"{source}/providers/Microsoft.Insights/diagnosticSettings/logs", properties=sent)
    emulator.log(pulls, EVENTS, _event(source, "Push", "v1", days=60), _event(source, "Pull", "v1", days=0))
    move = make_move(emulator, repositories, **options)
    fields = move.request.model_dump(mode="json")
    there = {"subscription_id": SUBSCRIPTION, "resource_group": GROUP, "name": name}
    move.request = parse_request(fields | {"source": there})
    return move


def age_content(emulator: Emulator, registry: str, *, days: int) -> None:
    """All that the registry holds was pushed so many days ago."""
    with TemporaryDirectory() as folder:
        emulator.save(file := Path(folder) / "state.json")
        state, earlier = json.loads(file.read_text()), timedelta(days=days).total_seconds()
        for repository in state["content"][registry]["repositories"].values():
            for one in (*repository["manifests"].values(), *repository["tags"].values()):
                one[-3:-1] = (at - earlier for at in one[-3:-1])  # created and updated, before the attributes
        file.write_text(json.dumps(state))
        emulator.load(file)


def _event(source: str, operation: str, tag: str, *, days: int) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    names = {"OperationName": operation, "Identity": "x", "Repository": "legacy/app", "Tag": tag, "Digest": ""}
    return {"TimeGenerated": at, "_ResourceId": source.lower(), **names}


async def renamed(emulator: Emulator, make: MakeMove) -> Feature:
    """A relocation under other names."""
    move = await make(emulator, LEAST, rename={"legacy/**": "archive/**"}, cut_over=False)
    return Feature(
        emulator,
        (move,),
        lambda: relocate_registry(move.request),
        shows=lambda held: bool(held) and all(name.startswith("archive/") for name in held),
    )


async def hot_first(emulator: Emulator, make: MakeMove) -> Feature:
    """The rest, after what was pulled lately; where no logs tell, that is all with such tags."""
    hot = await make(emulator, LEAST, cut_over=False)
    lately = hot.request.selection.model_copy(update={"pulled_since": "30", "tags": ["v1*", "1*"]})
    first = hot.request.model_copy(update={"selection": lately})
    return Feature(emulator, (hot,), lambda: import_images(hot.request), (lambda: relocate_registry(first),))


async def pruned(emulator: Emulator, make: MakeMove) -> Feature:
    """Tags that are no longer selected go, each time after an approval."""
    move = await make(emulator, UNLOCKED, cut_over=False)
    narrow = Selection(repositories=[*UNLOCKED], newest=1)
    request = move.request.model_copy(update={"selection": narrow, "prune_unselected": True})
    return Feature(
        emulator,
        (move,),
        lambda: approved(lambda: import_images(request)),
        (lambda: relocate_registry(move.request),),
        lambda held: all(len(tags) == 1 for tags, _ in held.values()),
    )


async def attached(emulator: Emulator, make: MakeMove) -> Feature:
    """The proof of the move at each image."""
    move = await make(emulator, LEAST, cut_over=False)

    async def prove() -> int:
        proven = await prove_move(move.request, lambda _: None)
        return await attach_to_images(proven, '{"signed": true}')

    return Feature(emulator, (move,), prove, (lambda: relocate_registry(move.request),))


async def typed(emulator: Emulator, make: MakeMove) -> Feature:
    """A relocation without the referrers of a type: here an SBOM, with the signature that refers to it."""
    move = await make(emulator, SIGNED, cut_over=False)
    chosen = move.request.selection.model_copy(update={"exclude_referrer_types": ["application/spdx*"]})
    request = move.request.model_copy(update={"selection": chosen})
    [source] = move.source().values()
    return Feature(
        emulator,
        (move,),
        lambda: relocate_registry(request),
        shows=lambda held: len(held["platform/gateway"][1]) == len(source["manifests"]) - 2,
    )


async def lately(emulator: Emulator, make: MakeMove) -> Feature:
    """A relocation of what was pulled lately; where the logs do not tell, of everything."""
    move = await make(emulator, LEAST, cut_over=False)
    chosen = move.request.selection.model_copy(update={"pulled_since": "30", "untagged": False})
    request = move.request.model_copy(update={"selection": chosen})
    return Feature(
        emulator,
        (move,),
        lambda: relocate_registry(request),
        shows=lambda held: make is of_the_demo or [set(tags) for tags, _ in held.values()] == [{"v1"}],
    )


async def joined(emulator: Emulator, make: MakeMove) -> Feature:
    """The second of two sources of one target, after the first: the demo, and one of its own."""
    del make
    pair = await merge(emulator, *LEAST, **DECIDED)
    first, second = pair.moves
    return Feature(
        emulator, pair.moves, lambda: relocate_registry(second.request), (lambda: relocate_registry(first.request),)
    )


FEATURES = (renamed, hot_first, lately, typed, pruned, attached)
SEEDS = (of_the_demo, of_its_own)


async def approved(run: Run) -> object:
    """The run, with the answer to its question if it asks one."""
    events: list[Event] = []
    try:
        with observing(events.append):
            return await run()
    except CancelledRun:
        subject = next(event.subject for event in events if isinstance(event, ApprovalNeeded))
    answer = answer_form(subject).model_validate({"decision": Decision.APPROVE, "name": "Ann Approver"})
    with answered_at_terminal(
        [TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)]
    ):
        return await run()
