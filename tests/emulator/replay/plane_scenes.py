"""The planes beside Azure Resource Manager: vaults, Graph, Entra ID, and the registry's data plane."""

from typing import Final

from local_azure.state.settings import OWNER_CLIENT_ID, OWNER_SECRET, TENANT_ID
from tests.emulator.replay.comparison import Answer, Exchange
from tests.emulator.replay.furniture import HOME, REGISTRY
from tests.emulator.replay.scenes import scene
from tests.emulator.replay.stage import ARM, Stage

ANONYMOUS: Final = ("", "")
VAULT: Final = "https://vault.azure.net"


async def _vault(
    stage: Stage, method: str, path: str, version: str, body: object = None, name: str = "known-vault"
) -> Answer:
    return await stage.ask(method, f"https://{name}.vault.azure.net{path}", version, body, audience=VAULT)


@scene("secret.set")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    body = {"value": "word", "tags": {"team": "shop"}, "attributes": {}}
    return await _vault(stage, "PUT", "/secrets/fresh", exchange["api_version"], body)


async def _deleted(stage: Stage, version: str) -> None:
    await _vault(stage, "PUT", "/secrets/gone", version, {"value": "word", "tags": {"team": "shop"}})
    await _vault(stage, "DELETE", "/secrets/gone", version)


@scene("deletedSecret.get")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    await _deleted(stage, exchange["api_version"])
    return await _vault(stage, "GET", "/deletedsecrets/gone", exchange["api_version"])


@scene("secret.set.deletedButRecoverable")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    await _deleted(stage, exchange["api_version"])
    return await _vault(stage, "PUT", "/secrets/gone", exchange["api_version"], {"value": "word"})


@scene("secret.forbiddenByRbac")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    return await _vault(stage, "GET", "/secrets/any/versions", exchange["api_version"], name="role-vault")


@scene("spec.secret.versions.page")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    for word in ("one", "two"):
        await _vault(stage, "PUT", "/secrets/twice", exchange["api_version"], {"value": word})
    return await _vault(stage, "GET", "/secrets/twice/versions?maxresults=1", exchange["api_version"])


@scene("msgraph.servicePrincipals.none")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    url = "https://graph.microsoft.com/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'nobody')"
    return await stage.ask("GET", url, audience="https://graph.microsoft.com")


async def _token(stage: Stage, **fields: str) -> Answer:
    form = {"grant_type": "client_credentials", "client_id": OWNER_CLIENT_ID, "client_secret": OWNER_SECRET} | fields
    return await stage.raw("POST", f"https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token", data=form)


@scene("entra.token.wrongSecret")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    return await _token(stage, client_secret="wrong", scope=f"{ARM}/.default")


@scene("entra.token.wrongScope")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    return await _token(stage, scope="https://no-such-resource.example/.default")


@scene("data.catalog.page")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    return await stage.data("GET", "/acr/v1/_catalog?n=2")


@scene("data.catalog.unauthenticated", "data.tags.unauthenticated", "data.upload.unauthenticated",
       "data.tag.delete.unauthenticated")  # fmt: skip
async def _(stage: Stage, exchange: Exchange) -> Answer:
    return await stage.data(
        exchange["method"], stage.fill(exchange["path"], repository="base", tag="v1"), user=ANONYMOUS
    )


@scene("data.repository.get")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    return await stage.data("GET", "/acr/v1/library/base")


@scene("data.upload.patch")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    begun = await stage.data("POST", "/v2/app/blobs/uploads/")
    return await stage.data("PATCH", begun.headers["location"], data=b"a" * 28)


@scene("data.blob.redirect")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    blob = next(iter(stage.world.content[REGISTRY].repositories["library/base"].blobs))
    return await stage.data("GET", f"/v2/library/base/blobs/{blob}")


@scene("data.oauth.exchange")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    token = stage.world.directory.access_token(stage.owner, ARM, 600)
    form = {
        "grant_type": "access_token",
        "service": f"{REGISTRY}.azurecr.io",
        "access_token": token,
        "tenant": TENANT_ID,
    }
    return await stage.data("POST", "/oauth2/exchange", user=ANONYMOUS, data=form)


@scene("data.oauth.token.anonymous")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    await stage.make(f"{HOME}/{REGISTRY}", "2025-11-01", {"properties": {"anonymousPullEnabled": True}}, "PATCH")
    form = {"grant_type": "password", "service": f"{REGISTRY}.azurecr.io", "scope": "repository:app:delete"}
    return await stage.data("POST", "/oauth2/token", user=ANONYMOUS, data=form)


@scene("data.manifestProperties.get")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    digest = stage.world.content[REGISTRY].repositories["app"].tags["v1"].digest
    return await stage.data("GET", f"/acr/v1/app/_manifests/{digest}")


@scene("data.manifest.notFound")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    return await stage.data("GET", "/v2/app/manifests/no-such-tag")


@scene("data.denied")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    rules = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": []}}
    await stage.make(f"{HOME}/{REGISTRY}", "2025-11-01", {"properties": rules}, "PATCH")
    return await stage.data("POST", "/oauth2/token", user=("any", "one"), data={})
