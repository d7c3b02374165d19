"""The servers that are measured: Workroom with a way to emit events, and its competitors. Each runs as a process of its own.

All take `GET /emit?count=N`, send N events of about 300 bytes to everybody connected, and answer {"at": <monotonic seconds>} of the
first; the clock is the machine's, so that a client of another process can subtract it.
"""
