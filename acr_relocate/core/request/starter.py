"""A commented request to start from."""

from __future__ import annotations

from typing import Final

STARTER: Final = """# A request to move {registry}. Check it with: acr-relocate plan THIS-FILE
source:
  name: {registry}  # its name, login server or resource id
target:
  name: {target}  # free in Azure, 5 to 50 letters and digits
  location: {location}  # the region to move to: az account list-locations --query "[].name"
  # resource_group: contoso-north  # created if it is missing; default: the source's
  # subscription_id: 00000000-0000-0000-0000-000000000000  # default: the source's

# cut_over: false  # prepare only; acr-relocate cut-over does the rest later
# approvals: [before_deploy, before_cut_over, before_delete]  # where the run waits for a person
# delete_source: false  # true: ask, then delete the source when nothing uses it any more
# soak_days: 14  # the source is deleted only if it was not pulled from for so long

# selection:  # default: everything
#   repositories: ["team-a/*"]
#   exclude_tags: ["*-nightly"]
#   untagged: false

# subnets:  # for network rules and private endpoints; acr-relocate plan --write-decisions FILE lists them
#   /subscriptions/…/subnets/old: /subscriptions/…/subnets/new
# replacements:  # for anything else of the old region that the settings name
#   OLD-VALUE: NEW-VALUE
"""


def starter_request(registry: str, target: str, location: str) -> str:
    """Return a request as YAML with its usual fields, those that are optional as comments."""
    return STARTER.format(registry=registry, target=target, location=location)
