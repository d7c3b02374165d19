"""The task board's server: python board_server.py PORT."""

import asyncio
import sys

from board import new_board
from delivery import serve_clients

if __name__ == "__main__":
    asyncio.run(serve_clients(new_board().attend, int(sys.argv[1])))
