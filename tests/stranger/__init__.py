"""A client written from docs/PROTOCOL.md alone, and the tests that hold the server to that document. Imports nothing of Workroom."""
