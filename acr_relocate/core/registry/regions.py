"""The regions of the three clouds, as data. A check asks Azure for a region's present offer."""

from difflib import get_close_matches
from typing import Final

from acr_relocate.core.errors import InvalidRequest

# Regions by whether they have availability zones. Snapshot of 2026-08: Azure's list of regions, and the reliability
# documentation's list of regions with zones.
WITH_ZONES: Final = frozenset(
    (
        "australiaeast",
        "austriaeast",
        "belgiumcentral",
        "brazilsouth",
        "canadacentral",
        "centralindia",
        "centralus",
        "chilecentral",
        "chinanorth3",
        "denmarkeast",
        "eastasia",
        "eastus",
        "eastus2",
        "francecentral",
        "germanywestcentral",
        "indonesiacentral",
        "israelcentral",
        "italynorth",
        "japaneast",
        "japanwest",
        "koreacentral",
        "malaysiawest",
        "mexicocentral",
        "newzealandnorth",
        "northeurope",
        "norwayeast",
        "polandcentral",
        "qatarcentral",
        "southafricanorth",
        "southcentralus",
        "southeastasia",
        "spaincentral",
        "swedencentral",
        "switzerlandnorth",
        "uaenorth",
        "uksouth",
        "usgovvirginia",
        "westeurope",
        "westus2",
        "westus3",
    )
)
WITHOUT_ZONES: Final = frozenset(
    (
        "australiacentral",
        "australiacentral2",
        "australiasoutheast",
        "brazilsoutheast",
        "canadaeast",
        "chinaeast",
        "chinaeast2",
        "chinaeast3",
        "chinanorth",
        "chinanorth2",
        "francesouth",
        "germanynorth",
        "jioindiacentral",
        "jioindiawest",
        "koreasouth",
        "northcentralus",
        "norwaywest",
        "southafricawest",
        "southindia",
        "swedensouth",
        "switzerlandwest",
        "uaecentral",
        "ukwest",
        "usdodcentral",
        "usdodeast",
        "usgovarizona",
        "usgoviowa",
        "usgovtexas",
        "westcentralus",
        "westindia",
        "westus",
    )
)
_CLOUDS: Final = ("AzurePublic", "AzureChina", "AzureUSGovernment")
REGIONS: Final = WITH_ZONES | WITHOUT_ZONES


def normalise_region(region: str) -> str:
    """Return the region's programmatic name: `East US` is `eastus`.

    Anything else is an InvalidRequest that names the closest regions.
    """
    name = normalise_location(region)
    if name in REGIONS:
        return name
    close = closest_regions(name)
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    raise InvalidRequest(f'"{region}" is not an Azure region{hint}')


def require_cloud(region: str, cloud: str) -> None:
    """Raise InvalidRequest unless the region is in that cloud: no identity works across clouds."""
    if cloud.lower() not in {known.lower() for known in _CLOUDS}:
        raise InvalidRequest(f"ACR_RELOCATE_CLOUD is {cloud}, but must be one of {', '.join(_CLOUDS)}")
    its = "AzureChina" if region.startswith("china") else "AzurePublic"
    if region.startswith(("usgov", "usdod")):
        its = "AzureUSGovernment"
    if its.lower() != cloud.lower():
        raise InvalidRequest(f'target.location: "{region}" is a region of {its}, but ACR_RELOCATE_CLOUD is {cloud}')


def closest_regions(name: str) -> list[str]:
    """Return up to three regions with close names, those that differ only in a trailing number first."""
    stem = name.rstrip("0123456789")
    siblings = sorted(region for region in REGIONS if stem and region.rstrip("0123456789") == stem)
    close = get_close_matches(name, sorted(REGIONS), n=3, cutoff=0.75)
    return list(dict.fromkeys([*siblings, *close]))[:3]


def has_zones(region: str) -> bool:
    """Return whether the region has availability zones, as of the snapshot."""
    return region in WITH_ZONES


def normalise_location(region: str) -> str:
    """Return a region's programmatic name without validation, because it comes from Azure."""
    return "".join(region.split()).lower()
