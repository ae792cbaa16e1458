"""An Azure on localhost; with `-- COMMAND`, for as long as the command runs.

When ready, one JSON line on standard output says where it is and which
environment makes a client use it.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from local_azure.command_line import Options, parse
from local_azure.host.server import Addresses, serve
from local_azure.seeds.catalogue import plant
from local_azure.state import snapshot
from local_azure.state.world import World


def make_world(options: Options) -> World:
    """Return the world that the command line asks for: state, or seed, then faults."""
    world = World(options.settings)
    if options.state is not None and options.state.exists():
        snapshot.load(world, options.state)
    elif options.seed:
        plant(world, options.seed)
    for name, params in options.faults:
        world.faults.arm(name, **params)
    return world


async def run(options: Options) -> int:
    """Serve until told to stop or until the command ends; return the exit status."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    world = make_world(options)
    with contextlib.ExitStack() as stack:
        ca_dir = options.ca_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local-azure-")))
        async with serve(world, ca_dir, stop, options.port) as addresses:
            if options.command:
                status = await _run_command(options.command, addresses)
            else:
                print(json.dumps(addresses.view()), flush=True)
                await stop.wait()
                status = 0
        if options.state is not None:
            snapshot.save(world, options.state)
    return status


async def _run_command(command: Sequence[str], addresses: Addresses) -> int:
    environment = {**os.environ, **addresses.environment()}
    try:
        process = await asyncio.create_subprocess_exec(*command, env=environment)
    except OSError as error:
        print(f"local-azure: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _forward, process, number)
    status = await process.wait()
    return status if status >= 0 else 128 - status


def _forward(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if number == signal.SIGINT and _in_foreground():
        return  # the terminal has sent it to the command as well
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def main() -> int:
    """Run the command line."""
    logging.basicConfig(level=logging.WARNING, format="local-azure %(levelname)s %(message)s")
    try:
        return asyncio.run(run(parse(sys.argv[1:])))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
