"""A commented request to start from."""

from __future__ import annotations

from typing import Final

STARTER: Final = """# A request to move {registry}. Check it with: acr-relocate plan FILE
source:
  name: {registry}  # its name, login server or resource id
target:
  name: {target}  # free in Azure, 5 to 50 letters and digits
  # The region to move to: az account list-locations --query "[].name"
  location: {location}
  # The resource group is created if it is missing. Default: the source's.
  # resource_group: contoso-north
  # The subscription. Default: the source's.
  # subscription_id: 00000000-0000-0000-0000-000000000000

# Prepare only; the command cut-over does the rest later.
# cut_over: false
# Where the run waits for a person.
# approvals: [before_deploy, before_cut_over, before_delete]
# Ask, then delete the source when nothing uses it any more.
# delete_source: true
# The source is deleted only if it was not pulled from for so long.
# soak_days: 14

# What to move. Default: everything.
# selection:
#   repositories: ["team-a/*"]
#   exclude_tags: ["*-nightly"]
#   untagged: false

# For network rules and private endpoints. To list them:
# acr-relocate plan FILE --write-decisions OTHER-FILE
# subnets:
#   /subscriptions/…/subnets/old: /subscriptions/…/subnets/new
# For anything else of the old region that the settings name.
# replacements:
#   OLD-VALUE: NEW-VALUE
"""


def starter_request(registry: str, target: str, location: str) -> str:
    """Return a request as YAML with its usual fields, those that are optional as comments."""
    return STARTER.format(registry=registry, target=target, location=location)
