"""The admin port: plain HTTP and JSON for tests and the demo. No Azure has one, so nothing under test may use it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from local_azure.host import secrets
from local_azure.services.logs import LOGS
from local_azure.state import snapshot
from local_azure.state.faults import FAULTS
from local_azure.state.world import World

Join = Callable[[str], Awaitable[str]]


def application(world: World, stop: asyncio.Event, join: Join) -> web.Application:
    """Return the admin routes of a world; `stop` ends the process, `join` gives the proxy of a virtual network."""
    admin = Admin(world, stop, join)
    app = web.Application()
    app.router.add_get("/healthz", admin.health)
    app.router.add_get("/stats", admin.stats)
    app.router.add_post("/stats/reset", admin.reset_stats)
    app.router.add_get("/faults", admin.faults)
    app.router.add_post("/faults/{name}", admin.arm_fault)
    app.router.add_delete("/faults", admin.clear_faults)
    app.router.add_get("/operations", admin.operations)
    app.router.add_post("/operations/release", admin.release)
    app.router.add_get("/content/{registry}", admin.content)
    app.router.add_get("/resources", admin.resources)
    app.router.add_put("/content/{registry}/blobs", admin.damage)
    app.router.add_delete("/content/{registry}/blobs", admin.lose)
    app.router.add_put("/resources", admin.plant)
    app.router.add_delete("/resources", admin.uproot)
    app.router.add_put("/groups", admin.group)
    app.router.add_put("/logs", admin.log)
    app.router.add_get("/secrets", admin.secrets)
    app.router.add_post("/networks", admin.join)
    app.router.add_post("/state", admin.save)
    app.router.add_put("/state", admin.load)
    app.router.add_post("/stop", admin.stop)
    return app


class Admin:
    """The handlers."""

    def __init__(self, world: World, stop: asyncio.Event, join: Join) -> None:
        self.world, self._stop, self._join = world, stop, join

    async def join(self, request: web.Request) -> web.Response:
        """Return the proxy for clients in the virtual network of the JSON body's `id`; empty: the internet."""
        return web.json_response({"proxy": await self._join((await request.json())["id"])})

    async def health(self, request: web.Request) -> web.Response:
        """Answer that the server is running, with its settings."""
        del request
        settings = self.world.settings
        return web.json_response({"status": "ok", "profile": settings.profile, "operations": settings.operations})

    async def stats(self, request: web.Request) -> web.Response:
        """Answer with the counters since the last reset."""
        del request
        return web.json_response(self.world.stats.view())

    async def reset_stats(self, request: web.Request) -> web.Response:
        """Reset the counters."""
        del request
        self.world.stats.reset()
        return web.json_response({})

    async def faults(self, request: web.Request) -> web.Response:
        """Answer with the catalogue of faults and the armed ones."""
        del request
        return web.json_response({"catalogue": FAULTS, "armed": self.world.faults.view()})

    async def arm_fault(self, request: web.Request) -> web.Response:
        """Arm a fault with the parameters of the JSON body."""
        params = await request.json() if request.can_read_body else {}
        try:
            self.world.faults.arm(request.match_info["name"], **params)
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self.world.faults.view())

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Disarm all faults."""
        del request
        self.world.faults.clear()
        return web.json_response({})

    async def operations(self, request: web.Request) -> web.Response:
        """List the operations in progress."""
        del request
        return web.json_response({"value": self.world.operations.view()})

    async def release(self, request: web.Request) -> web.Response:
        """Release held operations: the one in the body's `id`, or all."""
        body = await request.json() if request.can_read_body else {}
        return web.json_response({"released": self.world.operations.release(str(body.get("id", "all")))})

    async def content(self, request: web.Request) -> web.Response:
        """Answer with the content of a registry."""
        registry = self.world.content.get(request.match_info["registry"].lower())
        if registry is None:
            return web.json_response({"error": f"there is no registry {request.match_info['registry']}"}, status=404)
        return web.json_response(registry.dump())

    async def resources(self, request: web.Request) -> web.Response:
        """List every resource of a type, or all: as stored, without secrets."""
        found = self.world.resources.select(request.query.get("type"))
        return web.json_response({"value": [one.view() for one in found]})

    async def save(self, request: web.Request) -> web.Response:
        """Save the whole state to the file in the body."""
        body = await request.json()
        target = Path(str(body["path"]))
        snapshot.save(self.world, target)  # not in a thread: nothing may change meanwhile
        return web.json_response({"path": str(target)})

    async def load(self, request: web.Request) -> web.Response:
        """Load the state from the file in the body; no fault is armed."""
        body = await request.json()
        snapshot.load(self.world, Path(str(body["path"])))  # not in a thread: nothing may change meanwhile
        self.world.faults.clear()
        return web.json_response({})

    async def plant(self, request: web.Request) -> web.Response:
        """Plant the resource in the body without any checks: a state of the past, or of a broken Azure."""
        body = await request.json()
        found = self.world.resources.get(str(body["id"]))
        merged = {**(found.body if found else {}), **body["body"]}
        if found and "properties" in body["body"]:
            merged["properties"] = {**found.properties, **body["body"]["properties"]}
        planted = self.world.add(str(body["id"]), merged, found.hidden if found else None)
        return web.json_response(planted.view())

    async def uproot(self, request: web.Request) -> web.Response:
        """Remove the resource with the body's `id`, and its children, without any checks."""
        gone = self.world.resources.delete(str((await request.json())["id"]))
        return web.json_response({"value": [one.id for one in gone]})

    async def damage(self, request: web.Request) -> web.Response:
        """Change the bytes of the blob with the body's `repository` and `digest`."""
        body = await request.json()
        content = self.world.content[request.match_info["registry"].lower()]
        content.repositories[str(body["repository"])].blobs[str(body["digest"])] = b"damaged"
        return web.json_response({})

    async def lose(self, request: web.Request) -> web.Response:
        """Remove the blob with the body's `repository` and `digest`, though manifests name it."""
        body = await request.json()
        content = self.world.content[request.match_info["registry"].lower()]
        del content.repositories[str(body["repository"])].blobs[str(body["digest"])]
        return web.json_response({})

    async def group(self, request: web.Request) -> web.Response:
        """Add a group to the directory, with the body's `id`, `name` and `members`."""
        body = await request.json()
        self.world.directory.add_group(str(body["id"]), str(body["name"]), list(body["members"]))
        return web.json_response({})

    async def log(self, request: web.Request) -> web.Response:
        """Set the rows of the body's `table` in its `workspace`."""
        body = await request.json()
        workspace = self.world.resources.require(str(body["workspace"]))
        workspace.hidden.setdefault(LOGS, {})[str(body["table"])] = body["rows"]
        return web.json_response({})

    async def secrets(self, request: web.Request) -> web.Response:
        """List every secret that was issued or received."""
        del request
        return web.json_response({"value": secrets.issued(self.world)})

    async def stop(self, request: web.Request) -> web.Response:
        """Stop the process."""
        del request
        self._stop.set()
        return web.json_response({})
