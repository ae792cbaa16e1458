"""With the Prefect API alone, a registry cannot be deleted without the evidence, by a real worker."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.settings import get_current_settings

from flows.delete_source import delete_source
from local_azure.launcher import Emulator, running
from local_azure.seeds.surroundings import LOGS_ID
from tests.service.conftest import LEAST, make_move
from tests.service.deleting import EVENTS, NORTH, SOURCE, WEST, event
from tests.service.test_delete_source import Story
from tests.support.prefect_api import Api, working

NAME = "contosoregistry"
YES = {"decision": "approve", "name": "Mallory", "typed": NAME}
NO_NAMES = (
    "", " ", "contosoregistr", "contosoregistry ", " contosoregistry", "ContosoRegistry", "CONTOSOREGISTRY",
    "contosoregistry\n", "contosoregistry\u200b", "c\u043entosoregistry", "\uff43ontosoregistry",
    "contosoregistry.azurecr.io", SOURCE, "contosoregistry2", "contosoregistryne", "*", ".*",
)  # fmt: skip


@dataclass
class Service:
    """A worker that serves the deletion, and a relocation that is through."""

    api: Api
    emulator: Emulator
    request: dict[str, Any]
    target_id: str
    file: Path

    def start(self, **changes: Any) -> str:
        """A run of the deployment."""
        return self.api.start("delete-source", self.request | changes)

    def asked(self, **changes: Any) -> str:
        """A run that waits with the question."""
        run = self.start(**changes)
        self.api.wait_to_be_asked(run, f"Delete the registry {NAME} for good?")
        return run

    def file_input(self, run: str, key: str, answer: dict[str, str]) -> None:
        """An input of the run, as anybody may write one."""
        self.api.call("POST", f"/flow_runs/{run}/input", {"key": key, "value": json.dumps(answer)})

    def key(self, run: str) -> str:
        """The key of the question that the run waits with."""
        return str(self.api.run(run)["state"]["state_details"]["pause_key"])

    def set_state(self, run: str, kind: str, name: str) -> None:
        """The run has another state, as anybody may set one."""
        self.api.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": kind, "name": name}, "force": True})

    def questions(self, run: str) -> int:
        """How often the run was suspended."""
        return sum(state["type"] == "PAUSED" for state in self.api.states(run))

    def asked_again(self, run: str, *, after: int) -> None:
        """The run was asked once more than so many times, instead of deleting anything."""
        self.api.wait(run, "Suspended")
        assert self.questions(run) > after
        self.is_there()

    def is_there(self) -> None:
        """The registry exists with its content, and no removal was attempted."""
        assert SOURCE in {one["id"] for one in self.emulator.resources()}
        assert self.emulator.content(NAME)["repositories"]
        assert [write for write in self.emulator.stats()["writes"] if write.startswith("DELETE")] == []


@pytest.fixture(scope="module", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("adversary")
    with running("demo") as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in emulator.env.items():
            patch.setenv(name, value)
        subnets = {f"{WEST}/{name}": f"{NORTH}/{name}" for name in ("apps", "endpoints")}
        story = Story(make_move(emulator, LEAST, subnets=subnets), folder / "state.json")
        asyncio.run(story.begin())
        api = Api(str(get_current_settings().api.url))
        with working(api.url, emulator.env, folder, delete_source):
            yield Service(
                api, emulator, story.move.request.model_dump(mode="json"), story.move.request.target_id, story.file
            )


@pytest.fixture(autouse=True)
def _as_it_was(service: Service) -> Iterator[None]:
    """Everything allows the deletion except an approval; afterwards the registry exists."""
    service.emulator.load(service.file)
    service.emulator.reset_stats()
    yield
    service.is_there()


def test_parameters_that_approve(service: Service) -> None:
    """Presets beside the request and inside of it end the run at once, if they are taken at all."""
    beside = ({"decision": "approve"}, {"typed": NAME}, {"answer": YES}, {"approved": True}, {"run_input": YES})
    inside = ({"approved": True}, {"typed": NAME}, {"approvals": ["before_delete", "none"]}, {"soak_days": 0})
    bodies = [{"request": service.request, **preset} for preset in beside]
    bodies += [{"request": service.request | preset} for preset in inside]
    deployment = service.api.call("GET", "/deployments/name/delete-source/delete-source")["id"]

    answers = [
        service.api.answer("POST", f"deployments/{deployment}/create_flow_run", {"parameters": parameters})
        for parameters in bodies
    ]

    told = [(answer.status_code, answer.text) for answer in answers]
    taken = [answer.json()["id"] for answer in answers if answer.is_success]
    assert {status for status, _ in told} <= {httpx.codes.OK, httpx.codes.CREATED, httpx.codes.CONFLICT}, told
    assert [service.api.wait(run, "Failed", "Crashed")["state_name"] for run in taken]
    service.asked(approvals=[])


def test_answers_that_are_none(service: Service) -> None:
    """Names that look like the registry's, words that look like a yes, forms with more or less in them."""
    run = service.asked()

    refused = [service.api.resume(run, **YES | {"typed": name})["status"] for name in NO_NAMES]
    forms: tuple[dict[str, str], ...] = (
        {}, {"decision": "approve"}, {"typed": NAME}, YES | {"decision": "APPROVE"}, YES | {"decision": "yes"},
        YES | {"name": ""}, {"decision": "approve", "name": "Mallory", "Typed": NAME},
    )  # fmt: skip
    refused += [service.api.resume(run, **form)["status"] for form in forms]

    assert set(refused) == {"REJECT"}
    assert service.api.run(run)["state_name"] == "Suspended"


def test_an_answer_before_the_question(service: Service) -> None:
    """Filed under the key that an earlier run had, or that this one had before: it answers nothing."""
    earlier = service.asked()
    run = service.asked()
    for key in (service.key(earlier), service.key(run).rpartition("-")[0] + "-2"):
        service.file_input(run, f"{key}-response", YES)

    service.set_state(run, "SCHEDULED", "Scheduled")

    service.asked_again(run, after=1)


def test_a_state_that_was_set(service: Service) -> None:
    """The answer is stored directly, without the form that checks it, and the run is resumed: it asks again."""
    run = service.asked()
    service.file_input(run, f"{service.key(run)}-response", YES)

    service.set_state(run, "SCHEDULED", "AwaitingRetry")

    service.asked_again(run, after=1)


def test_the_same_idempotency_key(service: Service) -> None:
    """It is the same run, which waits as before: no second one with another's approval."""
    deployment = service.api.call("GET", "/deployments/name/delete-source/delete-source")["id"]
    body = {"parameters": {"request": service.request}, "idempotency_key": "again"}
    first, second = (service.api.call("POST", f"/deployments/{deployment}/create_flow_run", body) for _ in range(2))

    assert first["id"] == second["id"]
    service.api.wait_to_be_asked(first["id"], "for good?")


@pytest.mark.parametrize("what", ["the target", "the source", "the plan", "the logs", "a consumer"])
def test_an_approval_of_what_was(what: str, service: Service) -> None:
    """Something changes after the question: the answer is a good one, and the run ends, or asks what is now."""
    run = service.asked()
    if what == "the target":
        service.emulator.plant(service.target_id, properties={"adminUserEnabled": True})
    elif what == "the source":
        service.emulator.plant(SOURCE, properties={"adminUserEnabled": True})
    elif what == "the plan":
        service.emulator.plant(service.target_id, tags={"acr-relocate-plan": "0123456789ab"})
    elif what == "the logs":
        service.emulator.log(LOGS_ID, EVENTS, event("Push", days=60), event("Pull", days=1, identity="someone"))
    else:
        app = next(one for one in service.emulator.resources("Microsoft.App/containerApps"))
        service.emulator.plant(
            app["id"], properties={"template": {"containers": [{"image": f"{NAME}.azurecr.io/a:1"}]}}
        )

    assert service.api.resume(run, **YES)["status"] == "ACCEPT"

    state = service.api.wait(run, "Failed", "Suspended")["state"]
    if state["name"] == "Suspended":
        service.asked_again(run, after=1)
    else:
        assert "This step is blocked by" in state["message"]


def test_logs_that_cannot_be_read(service: Service) -> None:
    """They do not prove absence of pulls: the question lists the unknown, and an earlier approval is void."""
    run = service.asked()
    workspace = next(one for one in service.emulator.resources() if one["id"] == LOGS_ID)
    service.emulator.uproot(workspace["id"])

    service.api.resume(run, **YES)

    service.api.wait_to_be_asked(run, "whether anybody pulled in the last 14 days")
