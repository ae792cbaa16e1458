"""One relocation at a time for each source and each target registry: `python -m deployments.limits REQUEST...`.

Makes a global concurrency limit of 1 for each registry that the requests name. Flows take it where it exists; run
this once against the Prefect server that all of your relocations share.
"""

import asyncio
import sys
from pathlib import Path

from prefect import get_client

from acr_relocate.core.request import RelocationRequest
from deployments import requests
from tasks.retrying import limits_of


async def limit(wanted: list[RelocationRequest]) -> list[str]:
    """Every registry of the requests has its limit; their names."""
    names = sorted({name for request in wanted for name in limits_of(request)})
    async with get_client() as client:
        for name in names:
            await client.upsert_global_concurrency_limit_by_name(name, 1)
    return names


def main() -> None:
    """Entry point."""
    for name in asyncio.run(limit([requests.load(Path(path)) for path in sys.argv[1:]])):
        print(f"{name}: 1 at a time")


if __name__ == "__main__":
    main()
