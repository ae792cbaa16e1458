"""The custom roles: which duties there are, what each is for, and where it is to be assigned."""

from typing import Final, Literal, NamedTuple

Duty = Literal["plan", "relocate", "relocate-source", "relocate-network", "cut-over", "discard", "retire"]


class Role(NamedTuple):
    """A custom role: what it is for, and where it is to be assigned."""

    duty: Duty
    purpose: str
    where: str

    @property
    def name(self) -> str:
        """Its name in Azure, where it has to be the only one in the tenant."""
        return f"acr-relocate {self.duty}"


ROLES: Final = (
    Role(
        "plan",
        "Reads what a plan shows and what a verification compares. Changes nothing and sees no secret.",
        "the subscriptions of the source, of the target and of the target's subnets",
    ),
    Role(
        "relocate",
        "Deploys the target registry with what belongs to it, imports images into it and locks them as the source's.",
        "the target's resource group, or its subscription if the group is still to be made",
    ),
    Role(
        "relocate-source",
        "Reads where the webhooks of the source call, addresses and headers being secrets. Changes nothing.",
        "the source registry",
    ),
    Role(
        "relocate-network",
        "Lets the target use subnets and managed identities that are there already. Changes none of them.",
        "the subnets that the request names, and the user-assigned identities of the source",
    ),
    Role(
        "cut-over",
        "Gives what depends on the source the same at the target: roles, events, alerts, names in the network, locks.",
        "the target's resource group, the source registry, and where what is made anew has its place: the groups of "
        "alert rules, private DNS zones with their networks, clusters, and what the source's own identity has roles at",
    ),
    Role(
        "discard",
        "Removes what a relocation has made, as long as the source is there.",
        "where the roles for relocating and for the cut-over are, beside them",
    ),
    Role(
        "retire",
        "Deletes the source registry for good, after its locks, its consumers' roles and diagnostic settings.",
        "the source registry, and the workspace that its logs go to",
    ),
)
