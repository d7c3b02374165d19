"""A supervisor to be killed: `python -m tests.agents.bench.processes.supervise MARK NETWORK` tells "up" and goes on starting for ever.

Its services ignore signals, put themselves into the background, flood, and never get healthy; MARK is in all their command lines.
"""

import asyncio
import sys
from pathlib import Path

from agents.bench.processes.supervisor import Supervisor
from tests.agents.bench.processes.kit import FOREVER, python, shell, stubborn


async def main(mark: str, network: str) -> None:
    services = {
        "odd": stubborn(mark, network=network),
        "gone": stubborn(mark, "goes", network=network),
        "flood": python("while True: print('x' * 99)", mark, network=network),
        "starting": shell(f"{FOREVER} # {mark}", healthy={"log": "never"}),
    }
    async with Supervisor(services, Path.cwd()) as supervisor:
        await supervisor.start("odd", "gone", "flood")
        sys.stdout.write("up\n")
        sys.stdout.flush()
        await supervisor.start()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
