import jwt
import pytest
import requests
from azure.core import AzureClouds
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import AzureAuthorityHosts, ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncCredential
from azure.mgmt.resource.subscriptions import SubscriptionClient

from local_azure.launcher import Emulator
from local_azure.state.directory import Directory, InvalidTokenError, Principal
from local_azure.state.settings import OWNER_CLIENT_ID, OWNER_OBJECT_ID, OWNER_SECRET, SUBSCRIPTION_ID, TENANT_ID

ARM = "https://management.azure.com/.default"
LOGIN = "https://login.microsoftonline.com"


def token(scope: str) -> str:
    with ClientSecretCredential(TENANT_ID, OWNER_CLIENT_ID, OWNER_SECRET) as credential:
        return credential.get_token(scope).token


@pytest.mark.parametrize("audience", ["https://management.azure.com", "https://containerregistry.azure.net"])
def test_token_is_for_the_audience_asked_for(emulator: Emulator, audience: str) -> None:
    """Any resource can be asked for; the published key checks the signature."""
    issued = token(f"{audience}/.default")
    keys = jwt.PyJWKSet.from_dict(requests.get(f"{LOGIN}/common/discovery/v2.0/keys", timeout=10).json())
    claims = jwt.decode(issued, keys["local-azure"], ["ES256"], audience=audience)
    assert (claims["oid"], claims["tid"], claims["appid"]) == (OWNER_OBJECT_ID, TENANT_ID, OWNER_CLIENT_ID)


async def test_async_login(emulator: Emulator) -> None:
    """The asynchronous credential signs in as well."""
    async with AsyncCredential(TENANT_ID, OWNER_CLIENT_ID, OWNER_SECRET) as credential:
        assert (await credential.get_token(ARM)).token


@pytest.mark.parametrize(
    ("tenant", "client", "secret", "code"),
    [
        (TENANT_ID, OWNER_CLIENT_ID, "wrong", "AADSTS7000215"),
        (TENANT_ID, SUBSCRIPTION_ID, OWNER_SECRET, "AADSTS700016"),
        (SUBSCRIPTION_ID, OWNER_CLIENT_ID, OWNER_SECRET, "double check your tenant name"),
    ],
)
def test_wrong_credentials_are_named(emulator: Emulator, tenant: str, client: str, secret: str, code: str) -> None:
    """A wrong secret, application and tenant are each Entra ID's own error."""
    with ClientSecretCredential(tenant, client, secret) as credential, pytest.raises(Exception, match=code) as caught:
        credential.get_token(ARM)
    assert isinstance(caught.value, ClientAuthenticationError | ValueError)


def test_throttled_login_is_tried_again(emulator: Emulator) -> None:
    """Entra ID's 429 is waited for by the identity library."""
    emulator.arm_fault("throttle-oauth", times=1, retry_after=0.01)
    assert token(ARM)
    assert emulator.faults()["throttle-oauth"]["taken"] == 1


def test_token_expires_and_is_bound_to_its_audience() -> None:
    """An expired token, another's token and one for another audience are all refused."""
    directory = Directory()
    owner = directory.find(OWNER_CLIENT_ID)
    assert owner is not None
    for bad in (
        directory.access_token(owner, "https://management.azure.com", -1),
        directory.access_token(owner, "https://graph.microsoft.com", 60),
        directory.access_token(Principal("x", "y", "z"), "https://management.azure.com", 60),
        "nonsense",
    ):
        with pytest.raises(InvalidTokenError):
            directory.principal_of(bad, {"https://management.azure.com"})


def test_expired_token_is_a_401_with_a_challenge(emulator: Emulator) -> None:
    """ARM says who would give a token, in the header that clients read."""
    directory = Directory()
    expired = directory.sign({"aud": "https://management.azure.com", "oid": OWNER_OBJECT_ID}, -1)
    url = f"https://management.azure.com/subscriptions/{SUBSCRIPTION_ID}?api-version=2022-12-01"
    response = requests.get(url, headers={"Authorization": f"Bearer {expired}"}, timeout=10)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_openid_metadata_leads_to_the_token_endpoint(emulator: Emulator) -> None:
    """Both versions of the metadata and the instance discovery agree."""
    for path in (f"{TENANT_ID}/.well-known", "common/v2.0/.well-known", "organizations/v2.0/.well-known"):
        metadata = requests.get(f"{LOGIN}/{path}/openid-configuration", timeout=10).json()
        assert metadata["token_endpoint"] == f"{LOGIN}/{TENANT_ID}/oauth2/v2.0/token"
    instance = requests.get(f"{LOGIN}/common/discovery/instance", timeout=10).json()
    assert instance["tenant_discovery_endpoint"].startswith(LOGIN)


def test_graph_knows_service_principals(emulator: Emulator) -> None:
    """The calls of az: by application id, by object id, several by id; /me is not for applications."""
    headers = {"Authorization": f"Bearer {token('https://graph.microsoft.com/.default')}"}
    graph = "https://graph.microsoft.com/v1.0"
    query = {"$filter": f"servicePrincipalNames/any(c:c eq '{OWNER_CLIENT_ID}')"}
    found = requests.get(f"{graph}/servicePrincipals", params=query, headers=headers, timeout=10).json()["value"]
    assert [one["id"] for one in found] == [OWNER_OBJECT_ID]
    assert requests.get(f"{graph}/servicePrincipals/{OWNER_OBJECT_ID}", headers=headers, timeout=10).status_code == 200
    ids = {"ids": [OWNER_OBJECT_ID, TENANT_ID]}
    several = requests.post(f"{graph}/directoryObjects/getByIds", json=ids, headers=headers, timeout=10).json()["value"]
    assert [one["appId"] for one in several] == [OWNER_CLIENT_ID]
    assert requests.get(f"{graph}/me", headers=headers, timeout=10).status_code == 400


@pytest.mark.parametrize(
    ("cloud", "region"),
    [(AzureClouds.AZURE_CHINA_CLOUD, "chinanorth3"), (AzureClouds.AZURE_US_GOVERNMENT, "usgovvirginia")],
)
def test_sovereign_clouds_have_their_own_login_and_regions(emulator: Emulator, cloud: AzureClouds, region: str) -> None:
    """China and US Government are reached under their own names and have their own regions."""
    authority = {
        AzureClouds.AZURE_CHINA_CLOUD: AzureAuthorityHosts.AZURE_CHINA,
        AzureClouds.AZURE_US_GOVERNMENT: AzureAuthorityHosts.AZURE_GOVERNMENT,
    }[cloud]
    with (
        ClientSecretCredential(TENANT_ID, OWNER_CLIENT_ID, OWNER_SECRET, authority=authority) as credential,
        SubscriptionClient(credential, cloud_setting=cloud) as client,
    ):
        assert region in [one.name for one in client.subscriptions.list_locations(SUBSCRIPTION_ID)]
