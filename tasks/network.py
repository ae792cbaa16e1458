"""The target's network, as needed by plan and checks. Only reads."""

from prefect import task

from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import networks
from acr_relocate.core.checks import Unknown
from acr_relocate.core.network.layout import SubnetRoom
from tasks.connection import azure
from tasks.retry_policies import READ


@task(name="read-subnet-room", task_run_name="read-subnet-room", **READ)
async def read_subnet_room(subnet_id: str) -> SubnetRoom | Unknown | None:
    """Return the subnet with its free addresses and its policies; None if it does not exist."""
    async with azure() as connection:
        return await or_unknown(networks.subnet_room(connection, subnet_id))
