"""Cache rules and tasks of other registries are switched and restored; what could be lost is left to people."""

import base64
from typing import Any

import pytest

from acr_relocate.azure.changes import switching
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.discovery import elsewhere
from acr_relocate.azure.resources.registries import read_registry
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.registry.resource_types import PREVIEW, TASKS
from acr_relocate.core.request.relocation import RegistryRef
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.downstream_rules import facts_of_rule
from acr_relocate.core.switching.downstream_tasks import TaskNames, facts_of_task
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory

pytestmark = pytest.mark.usefixtures("short_looks")

LONG = 600.0


class Downstream:
    """A registry that pulls from the first of two others."""

    def __init__(self, factory: RegistryFactory, own: RegistryRef, source: RegistryRef, target: RegistryRef) -> None:
        self.azure, self.factory = factory.azure, factory
        self.own, self.source, self.target = own, source, target
        self.hosts = {name: f"{one.name}.azurecr.io" for name, one in (("source", source), ("target", target))}

    async def put(self, path: str, version: str, properties: dict[str, Any], **more: Any) -> None:
        placed = {"location": "westeurope"} if path.startswith("tasks/") else {}
        body = {"properties": properties, **placed, **more}
        await self.azure.arm.put(f"{self.own.resource_id}/{path}", version, body, doing="Making")

    async def now(self, path: str) -> dict[str, Any]:
        """Return the resource as Azure shows it, without the fields that every change renews."""
        version = TASKS if path.startswith("tasks/") else PREVIEW
        found = await self.azure.arm.get(f"{self.own.resource_id}/{path}", version, doing="Looking")
        found.pop("systemData", None)
        found["properties"].pop("creationDate", None)
        return found

    async def rule(self, fills: str = "base/*", **more: Any) -> SwitchedDependent:
        """A rule that fills from the source; its former value."""
        upstream = f"{self.hosts['source']}/{fills}"
        await self.put("cacheRules/base1", PREVIEW, {"sourceRepository": upstream, "targetRepository": fills}, **more)
        return facts_of_rule(await self.now("cacheRules/base1"), **self.servers)

    async def task(self, step: dict[str, Any], **more: Any) -> SwitchedDependent:
        """A task that names the source; its former value."""
        await self.put("tasks/nightly", TASKS, {"platform": {"os": "Linux"}, "step": step, **more})
        names = TaskNames(self.hosts["source"], self.source.resource_id)
        servers = {"registry_id": self.source.resource_id, "target_server": self.hosts["target"]}
        return facts_of_task(await self.now("tasks/nightly"), names, **servers)

    @property
    def servers(self) -> dict[str, str]:
        return {
            "registry_id": self.source.resource_id,
            "source_server": self.hosts["source"],
            "target_server": self.hosts["target"],
        }

    async def found(self) -> dict[str, Any]:
        """Return the facts that a plan reads of the existing one."""
        registry = await read_registry(self.azure, self.source)
        [entry] = await elsewhere.downstream(self.azure, registry)
        return entry


@pytest.fixture(name="here")
async def _here(factory: RegistryFactory) -> Downstream:
    return Downstream(factory, *[await factory.registry() for _ in range(3)])


def docker(host: str, **more: Any) -> dict[str, Any]:
    """A step that builds on an image of the registry."""
    arguments = [{"name": "BASE", "value": f"{host}/base/python:3.12\nand {host}", "isSecret": False}]
    step = {"type": "Docker", "dockerFilePath": "Dockerfile", "imageNames": ["app:1"], "arguments": arguments}
    return step | {"contextPath": "https://github.com/contoso/app.git"} | more


def encoded(host: str) -> dict[str, Any]:
    text = f"version: v1.1.0\nsteps:\n- cmd: {host}/tools:1 \N{SNOWMAN} my{host}/x\n"
    return {"type": "EncodedTask", "encodedTaskContent": base64.b64encode(text.encode()).decode()}


async def there_and_back(azure: AzureConnection, former: SwitchedDependent) -> list[str]:
    """Both ways twice; what each was."""
    outcomes = [await switching.switch(azure, former, LONG, []) for _ in range(2)]
    assert await switching.find_former(azure, former, RenameMap()) is None
    outcomes += [await switching.restore(azure, former, LONG) for _ in range(2)]
    return [one.kind for one in outcomes]


TWICE = ["created", "already_there", "removed", "already_there"]


@pytest.mark.parametrize("fills", ["base/*", "base/python"])
async def test_a_rule_is_made_again_there_and_back(here: Downstream, fills: str) -> None:
    former = await here.rule(fills)
    before = await here.now("cacheRules/base1")

    assert await switching.find_former(here.azure, former, RenameMap()) == former
    switched = await switching.switch(here.azure, former, LONG, [])
    there = await here.now("cacheRules/base1")
    await switching.restore(here.azure, former, LONG)

    assert switched.kind == "created"
    assert there["properties"]["sourceRepository"] == f"{here.hosts['target']}/{fills}"
    assert here.source.name not in str(there)
    assert await there_and_back(here.azure, former) == TWICE
    assert await here.now("cacheRules/base1") == before


async def test_a_rule_keeps_the_identity_that_it_signs_in_with(here: Downstream) -> None:
    group = here.own.resource_id.partition("/providers/")[0]
    reader = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader"
    await here.azure.arm.put(reader, "2023-01-31", {"location": "westeurope"}, doing="Making")
    former = await here.rule(identity={"type": "UserAssigned", "userAssignedIdentities": {reader: {}}})
    before = await here.now("cacheRules/base1")

    await switching.switch(here.azure, former, LONG, [])
    there = await here.now("cacheRules/base1")
    await switching.restore(here.azure, former, LONG)

    assert "userAssignedIdentities" in str(before)
    assert there["identity"] == before["identity"]
    assert await here.now("cacheRules/base1") == before


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_rule_whose_write_is_refused_is_restored(here: Downstream, emulator: Emulator, method: str) -> None:
    """Also after its deletion, when only the record has it; as soon as Azure takes it again, it is switched."""
    former = await here.rule()
    before = await here.now("cacheRules/base1")
    emulator.arm_fault("deny-assignment", method=method, path="/cacheRules/base1")

    with pytest.raises(RelocationError, match="deny assignment"):
        await switching.switch(here.azure, former, LONG, [])
    assert await switching.find_change(here.azure, former) == ""
    emulator.clear_faults()
    back = await switching.restore(here.azure, former, LONG)

    assert back.kind == ("removed" if method == "PUT" else "already_there")
    assert await here.now("cacheRules/base1") == before
    assert (await switching.switch(here.azure, former, LONG, [])).kind == "created"


@pytest.mark.parametrize("finish", [True, False])
async def test_a_rule_that_a_killed_switch_has_deleted_is_made(here: Downstream, finish: bool) -> None:
    """By the next switch, or by the way back; what others delete after the switch stays deleted."""
    former = await here.rule()
    before = await here.now("cacheRules/base1")
    path = f"{here.own.resource_id}/cacheRules/base1"
    await here.azure.arm.delete(path, PREVIEW, doing="Deleting")

    assert await switching.find_change(here.azure, former) == ""
    assert await switching.find_change(here.azure, former.settled()) == "it is gone"
    ended = await (
        switching.switch(here.azure, former, LONG, []) if finish else switching.restore(here.azure, former, LONG)
    )
    shown = await here.now("cacheRules/base1")

    assert ended.kind == ("created" if finish else "removed")
    assert (shown == before) is not finish
    await here.azure.arm.delete(path, PREVIEW, doing="Deleting")
    assert (await switching.restore(here.azure, former.settled(), LONG)).reason == "it is gone"


async def test_a_rule_that_has_filled_something_is_never_deleted(here: Downstream) -> None:
    """Azure would refuse it afterwards, and the former one as well. Neither there nor back."""
    former = await here.rule()
    await switching.switch(here.azure, former, LONG, [])
    await here.factory.pushed(here.own).image("base/python", "3.12")
    there = await here.now("cacheRules/base1")

    with pytest.raises(RelocationError, match="it has filled base/python"):
        await switching.restore(here.azure, former, LONG)

    assert await here.now("cacheRules/base1") == there


@pytest.mark.parametrize(
    ("fills", "left"), [("base/*", "it has filled base/python"), ("base/python", "it has filled"), ("other/*", "")]
)
async def test_a_plan_tells_which_rules_are_left(here: Downstream, fills: str, left: str) -> None:
    await here.rule(fills)
    await here.factory.pushed(here.own).image("base/python", "3.12")

    assert left in (await here.found())["left"]
    assert bool((await here.found())["left"]) is bool(left)


async def test_a_registry_of_others_that_is_out_of_reach_stops_no_plan(here: Downstream, emulator: Emulator) -> None:
    """Its rule is left to people, with the reason."""
    await here.rule()
    emulator.arm_fault("cut-connection", plane="registry", path="/acr/v1/_catalog", times=1000)

    assert "could not be read: " in (await here.found())["left"]


async def test_a_rule_with_a_credential_set_is_left(here: Downstream) -> None:
    """Its login server and its password are the source's."""
    secret = {"usernameSecretIdentifier": "https://v.vault.azure.net/secrets/u"}
    login = {"name": "Credential1"} | secret | {"passwordSecretIdentifier": "https://v.vault.azure.net/secrets/p"}
    await here.put(
        "credentialSets/upstream", PREVIEW, {"loginServer": here.hosts["source"], "authCredentials": [login]}
    )
    held = {"credentialSetResourceId": f"{here.own.resource_id}/credentialSets/upstream"}
    rule = {"sourceRepository": f"{here.hosts['source']}/base", "targetRepository": "base", **held}
    await here.put("cacheRules/base1", PREVIEW, rule)
    former = facts_of_rule(await here.now("cacheRules/base1"), **here.servers)

    assert "credential set" in (await here.found())["left"]
    with pytest.raises(RelocationError, match="credential set"):
        await switching.find_former(here.azure, former, RenameMap())


@pytest.mark.parametrize("step", [docker, encoded])
async def test_a_task_names_the_target_and_the_source_again(here: Downstream, step: Any) -> None:
    """Arguments and encoded steps, to the same bytes; a look-alike of the name stays as it is."""
    former = await here.task(step(here.hosts["source"]))
    before = await here.now("tasks/nightly")

    assert await switching.find_former(here.azure, former, RenameMap()) == former
    await switching.switch(here.azure, former, LONG, [])
    there = await here.now("tasks/nightly")
    await switching.restore(here.azure, former, LONG)

    assert there["properties"]["step"] == before["properties"]["step"] | {
        name: value for name, value in step(here.hosts["target"]).items() if name == "arguments"
    } or "encodedTaskContent" in str(there)
    assert TaskNames(here.hosts["source"], here.source.resource_id).places(there) == ()
    assert (await here.now("tasks/nightly")) == before
    assert await there_and_back(here.azure, former) == TWICE
    assert (await here.now("tasks/nightly")) == before


async def test_a_task_signs_in_to_the_target_with_the_same_identity(here: Downstream) -> None:
    """Then not to the source any more; other logins stay."""
    logins = {here.hosts["source"]: {"identity": "[system]"}, "other.azurecr.io": {"identity": "[system]"}}
    former = await here.task(docker("other.azurecr.io"), credentials={"customRegistries": logins})
    before = await here.now("tasks/nightly")
    planned = await here.found()

    switched = await switching.switch(here.azure, former, LONG, [])
    there = await here.now("tasks/nightly")
    await switching.restore(here.azure, former, LONG)

    assert (planned["left"], here.hosts["source"] in str(planned["properties"])) == ("", True)
    assert (switched.kind, switched.reason) == ("created", "")
    assert set(there["properties"]["credentials"]["customRegistries"]) == {here.hosts["target"], "other.azurecr.io"}
    assert (await here.now("tasks/nightly")) == before


@pytest.mark.parametrize(
    ("step", "more", "left"),
    [
        ({"arguments": [{"name": "T", "value": "s", "isSecret": True}, {"name": "B", "value": "{}/b"}]}, {}, "secret"),
        ({"contextPath": "oci://{}.upper/b"}, {}, "to the byte"),
        ({}, {"credentials": {"customRegistries": {"{}": {"userName": {"value": "u"}}}}}, "a password"),
        ({"arguments": [{"name": "B", "value": "{}/b {target}/b"}]}, {}, ""),
    ],
)
async def test_a_task_that_could_not_be_restored_is_left(
    here: Downstream, step: dict[str, Any], more: dict[str, Any], left: str
) -> None:
    """The plan says why, and the switch refuses it, too, for a name of the target that only it knows."""
    host, target = here.hosts["source"], here.hosts["target"]

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {named(name): named(one) for name, one in value.items()}
        if isinstance(value, list):
            return [named(one) for one in value]
        text = value.replace("{}.upper", host.upper()) if isinstance(value, str) else value
        return text.replace("{}", host).replace("{target}", target) if isinstance(text, str) else text

    plain = docker("mcr.microsoft.com")
    own = named(more)
    await here.put("tasks/nightly", TASKS, {"platform": {"os": "Linux"}, "step": plain | named(step), **own})
    before = await here.now("tasks/nightly")
    planned = SwitchedDependent(kind="downstream_task", dependent_id=before["id"], **here.servers)

    assert left in (await here.found())["left"]
    with pytest.raises(RelocationError, match=left or "names the target already"):
        await switching.find_former(here.azure, planned, RenameMap())
    assert await here.now("tasks/nightly") == before


async def test_a_task_that_is_refused_or_changed_by_others_is_as_before(here: Downstream, emulator: Emulator) -> None:
    former = await here.task(encoded(here.hosts["source"]))
    before = await here.now("tasks/nightly")
    emulator.arm_fault("deny-assignment", method="PATCH", path="/tasks/nightly")

    with pytest.raises(RelocationError, match="deny assignment"):
        await switching.switch(here.azure, former, LONG, [])
    untouched = await switching.restore(here.azure, former, LONG)
    await here.task(encoded("others.azurecr.io"))
    left = await switching.restore(here.azure, former, LONG)

    assert (before["name"], untouched.kind) == ("nightly", "already_there")
    assert (left.kind, "encodedTaskContent is another" in left.reason) == ("skipped", True)
