"""The cloud is chosen by the environment, and a wrong name is one clear message."""

import pytest

from acr_relocate.azure.client.session import CloudSettings
from acr_relocate.core.errors import InvalidRequest


@pytest.mark.parametrize(
    ("name", "authority", "endpoint"),
    [
        ("AzurePublic", "login.microsoftonline.com", "https://management.azure.com"),
        ("azurechina", "login.chinacloudapi.cn", "https://management.chinacloudapi.cn"),
        ("AzureUSGovernment", "login.microsoftonline.us", "https://management.usgovcloudapi.net"),
    ],
)
def test_each_cloud_has_its_doors(name: str, authority: str, endpoint: str) -> None:
    """Sign-in and Azure Resource Manager are those of the cloud; case does not matter."""
    cloud = CloudSettings.from_environment({"ACR_RELOCATE_CLOUD": name})

    assert (cloud.authority, cloud.arm_endpoint) == (authority, endpoint)


def test_the_public_cloud_is_the_default() -> None:
    """Nothing set means public Azure."""
    assert CloudSettings.from_environment({}).name == "AzurePublic"


def test_each_setting_can_be_overridden() -> None:
    """An unlisted cloud is reached by naming its endpoints."""
    cloud = CloudSettings.from_environment(
        {
            "AZURE_AUTHORITY_HOST": "login.example",
            "ACR_RELOCATE_ARM_ENDPOINT": "https://arm.example/",
            "ACR_RELOCATE_REGISTRY_AUDIENCE": "https://registries.example",
        }
    )

    assert cloud.authority == "login.example"
    assert cloud.arm_endpoint == "https://arm.example"
    assert cloud.arm_scope == "https://arm.example/.default"
    assert cloud.registry_audience == "https://registries.example"


def test_an_unknown_cloud_is_refused_with_the_known_ones() -> None:
    """The message names the variable, the value and the allowed ones."""
    with pytest.raises(
        InvalidRequest, match="ACR_RELOCATE_CLOUD is 'AzureMoon', but must be one of AzurePublic, Azure"
    ):
        CloudSettings.from_environment({"ACR_RELOCATE_CLOUD": "AzureMoon"})
