"""An Azure on localhost; with `-- COMMAND`, for as long as the command runs.

When ready, one JSON line on standard output says where it is and which
environment makes a client use it.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_azure.host.server import Addresses, serve
from local_azure.seeds.catalogue import plant
from local_azure.state import snapshot
from local_azure.state.faults import FAULTS, parse_fault
from local_azure.state.import_pace import ImportPace, parse_range
from local_azure.state.settings import Settings, Switches
from local_azure.state.world import World

PACE = {
    "import-seconds": "seconds that an import takes whatever its bytes (0.2-2)",
    "import-rate": "MB/s that one import moves of what the target lacks (10-60)",
    "registry-cap": "MB/s of all imports into a registry together (200-500)",
}


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parse and check the command line; exit with status 2 and a message if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="local-azure",
        description=__doc__,
        epilog=f"faults:\n{_listed(FAULTS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", help="what to start with: `demo`, another seed's name, or a JSON file")
    parser.add_argument("--profile", choices=["instant", "realistic"], default="instant")
    parser.add_argument(
        "--operations", choices=["immediate", "timed", "held"], help="default: immediate, realistic: timed"
    )
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME[:KEY=VALUE,..]", help="armed from the start"
    )
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="an unverified behaviour")
    for name, what in PACE.items():
        parser.add_argument(f"--{name}", metavar="FROM-TO", help=f"{what}; an assumption, for the realistic profile")
    parser.add_argument("--random-seed", type=int, default=1)
    parser.add_argument("--client-network", default="", metavar="ID", help="the virtual network that clients are in")
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="start from this state if it exists; saved there at the end"
    )
    parser.add_argument("--ca-dir", type=Path, metavar="DIR", help="keep the certificate authority here")
    parser.add_argument("--port", type=int, default=0, help="of the proxy; any free one by default")
    parser.add_argument("command", nargs="*", help="run this in the environment of the emulator, then stop")
    options, command = _split(argv)
    parsed = parser.parse_args(options)
    parsed.command = command
    try:
        parsed.settings = _settings(parsed)
        parsed.faults = [parse_fault(text) for text in parsed.fault]
    except ValueError as error:
        parser.error(str(error))
    return parsed


def _listed(texts: Mapping[str, str]) -> str:
    """Return each name on a line, with its text below it."""
    folded = {name: textwrap.indent(textwrap.fill(text, 72), " " * 6) for name, text in texts.items()}
    return "\n".join(f"  {name}\n{text}" for name, text in folded.items())


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split options from the command after `--`; argparse would mix them up."""
    if "--" not in argv:
        return list(argv), []
    cut = list(argv).index("--")
    return list(argv[:cut]), list(argv[cut + 1 :])


def _settings(parsed: argparse.Namespace) -> Settings:
    realistic = parsed.profile == "realistic"
    if wrong := [text for text in parsed.switch if "=" not in text]:
        raise ValueError(f"--switch {wrong[0]} is not NAME=VALUE")
    return Settings(
        profile=parsed.profile,
        operations=parsed.operations or ("timed" if realistic else "immediate"),
        switches=Switches.parse(dict(text.split("=", 1) for text in parsed.switch)),
        random_seed=parsed.random_seed,
        throttling=realistic,
        client_network=parsed.client_network,
        import_pace=_pace(parsed),
    )


def _pace(parsed: argparse.Namespace) -> ImportPace:
    given = {name: text for name in PACE if (text := getattr(parsed, name.replace("-", "_")))}
    fields = {"import-seconds": "seconds", "import-rate": "rate", "registry-cap": "registry_cap"}
    return ImportPace(**{fields[name]: parse_range(text) for name, text in given.items()})


def make_world(parsed: argparse.Namespace) -> World:
    """Return the world that the command line asks for: state, or seed, then faults."""
    world = World(parsed.settings)
    if parsed.state is not None and parsed.state.exists():
        snapshot.load(world, parsed.state)
    elif parsed.seed:
        plant(world, parsed.seed)
    for name, params in parsed.faults:
        world.faults.arm(name, **params)
    return world


async def run(parsed: argparse.Namespace) -> int:
    """Serve until told to stop or until the command ends; return the exit status."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    world = make_world(parsed)
    with contextlib.ExitStack() as stack:
        ca_dir = parsed.ca_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local-azure-")))
        async with serve(world, ca_dir, stop, parsed.port) as addresses:
            if parsed.command:
                status = await _run_command(parsed.command, addresses)
            else:
                print(json.dumps(addresses.view()), flush=True)
                await stop.wait()
                status = 0
        if parsed.state is not None:
            snapshot.save(world, parsed.state)
    return status


async def _run_command(command: list[str], addresses: Addresses) -> int:
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
        return asyncio.run(run(arguments(sys.argv[1:])))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
