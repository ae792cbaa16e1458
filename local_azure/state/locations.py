"""Regions: public, China and US Government; which have zones, which pair."""

from typing import Any

# name: (display name, geography group, paired region, has availability zones)
PUBLIC: dict[str, tuple[str, str, str, bool]] = {
    "australiaeast": ("Australia East", "Asia Pacific", "australiasoutheast", True),
    "australiasoutheast": ("Australia Southeast", "Asia Pacific", "australiaeast", False),
    "austriaeast": ("Austria East", "Europe", "", True),
    "belgiumcentral": ("Belgium Central", "Europe", "", True),
    "brazilsouth": ("Brazil South", "South America", "southcentralus", True),
    "canadacentral": ("Canada Central", "Canada", "canadaeast", True),
    "canadaeast": ("Canada East", "Canada", "canadacentral", False),
    "centralindia": ("Central India", "Asia Pacific", "southindia", True),
    "centralus": ("Central US", "US", "eastus2", True),
    "chilecentral": ("Chile Central", "South America", "", True),
    "eastasia": ("East Asia", "Asia Pacific", "southeastasia", True),
    "eastus": ("East US", "US", "westus", True),
    "eastus2": ("East US 2", "US", "centralus", True),
    "francecentral": ("France Central", "Europe", "francesouth", True),
    "francesouth": ("France South", "Europe", "francecentral", False),
    "germanynorth": ("Germany North", "Europe", "germanywestcentral", False),
    "germanywestcentral": ("Germany West Central", "Europe", "germanynorth", True),
    "indonesiacentral": ("Indonesia Central", "Asia Pacific", "", True),
    "israelcentral": ("Israel Central", "Middle East", "", True),
    "italynorth": ("Italy North", "Europe", "", True),
    "japaneast": ("Japan East", "Asia Pacific", "japanwest", True),
    "japanwest": ("Japan West", "Asia Pacific", "japaneast", True),
    "koreacentral": ("Korea Central", "Asia Pacific", "koreasouth", True),
    "koreasouth": ("Korea South", "Asia Pacific", "koreacentral", False),
    "malaysiawest": ("Malaysia West", "Asia Pacific", "", True),
    "mexicocentral": ("Mexico Central", "Mexico", "", True),
    "newzealandnorth": ("New Zealand North", "Asia Pacific", "", True),
    "northcentralus": ("North Central US", "US", "southcentralus", False),
    "northeurope": ("North Europe", "Europe", "westeurope", True),
    "norwayeast": ("Norway East", "Europe", "norwaywest", True),
    "norwaywest": ("Norway West", "Europe", "norwayeast", False),
    "polandcentral": ("Poland Central", "Europe", "", True),
    "qatarcentral": ("Qatar Central", "Middle East", "", True),
    "southafricanorth": ("South Africa North", "Africa", "southafricawest", True),
    "southafricawest": ("South Africa West", "Africa", "southafricanorth", False),
    "southcentralus": ("South Central US", "US", "northcentralus", True),
    "southeastasia": ("Southeast Asia", "Asia Pacific", "eastasia", True),
    "southindia": ("South India", "Asia Pacific", "centralindia", False),
    "spaincentral": ("Spain Central", "Europe", "", True),
    "swedencentral": ("Sweden Central", "Europe", "swedensouth", True),
    "swedensouth": ("Sweden South", "Europe", "swedencentral", False),
    "switzerlandnorth": ("Switzerland North", "Europe", "switzerlandwest", True),
    "switzerlandwest": ("Switzerland West", "Europe", "switzerlandnorth", False),
    "uaecentral": ("UAE Central", "Middle East", "uaenorth", False),
    "uaenorth": ("UAE North", "Middle East", "uaecentral", True),
    "uksouth": ("UK South", "Europe", "ukwest", True),
    "ukwest": ("UK West", "Europe", "uksouth", False),
    "westcentralus": ("West Central US", "US", "westus2", False),
    "westeurope": ("West Europe", "Europe", "northeurope", True),
    "westindia": ("West India", "Asia Pacific", "southindia", False),
    "westus": ("West US", "US", "eastus", False),
    "westus2": ("West US 2", "US", "westcentralus", True),
    "westus3": ("West US 3", "US", "eastus", True),
}
CHINA: dict[str, tuple[str, str, str, bool]] = {
    "chinaeast": ("China East", "China", "chinanorth", False),
    "chinaeast2": ("China East 2", "China", "chinanorth2", False),
    "chinaeast3": ("China East 3", "China", "chinanorth3", False),
    "chinanorth": ("China North", "China", "chinaeast", False),
    "chinanorth2": ("China North 2", "China", "chinaeast2", False),
    "chinanorth3": ("China North 3", "China", "chinaeast3", True),
}
US_GOVERNMENT: dict[str, tuple[str, str, str, bool]] = {
    "usgovarizona": ("US Gov Arizona", "US Government", "usgovtexas", False),
    "usgovtexas": ("US Gov Texas", "US Government", "usgovarizona", False),
    "usgovvirginia": ("US Gov Virginia", "US Government", "usgovtexas", True),
}
ALL = PUBLIC | CHINA | US_GOVERNMENT


def is_location(name: str) -> bool:
    """Return whether it is a region's name or `global`, normalised."""
    return name in ALL or name == "global"


def of_cloud(host: str) -> dict[str, tuple[str, str, str, bool]]:
    """Return the regions behind a management host."""
    if host.endswith(".cn"):
        return CHINA
    return US_GOVERNMENT if host.endswith("usgovcloudapi.net") else PUBLIC


def location_view(subscription: str, name: str, zone_shift: int) -> dict[str, Any]:
    """Return a region as the list of locations shows it. Physical zones differ by subscription: `zone_shift`."""
    display, geography, pair, zones = ALL[name]
    pairs = [{"name": pair, "id": f"/subscriptions/{subscription}/locations/{pair}"}] if pair else []
    view: dict[str, Any] = {
        "id": f"/subscriptions/{subscription}/locations/{name}",
        "name": name,
        "type": "Region",
        "displayName": display,
        "regionalDisplayName": f"({geography}) {display}",
        "metadata": {
            "regionType": "Physical",
            "regionCategory": "Recommended" if zones else "Other",
            "geography": geography,
            "geographyGroup": geography,
            "physicalLocation": display,
            "pairedRegion": pairs,
        },
    }
    if zones:
        view["availabilityZoneMappings"] = [
            {"logicalZone": str(zone), "physicalZone": f"{name}-az{(zone + zone_shift) % 3 + 1}"} for zone in (1, 2, 3)
        ]
    return view
