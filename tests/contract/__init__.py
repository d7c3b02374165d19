"""The event contract, held against a real server process over real sockets."""
