"""A stand-in for the carrier's price service, which is somebody else's and takes its time: python carrier.py PORT.

Its answers take WORK_S, as long as the real one's: the shop can't change that, only what it does meanwhile.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

WORK_S = 0.2


class Carrier(BaseHTTPRequestHandler):
    """GET /price?postcode=12345 answers {"cents": …}."""

    def do_GET(self) -> None:
        """Answer after WORK_S, to as many at once as ask."""
        url = urlsplit(self.path)
        if url.path == "/healthz":
            self._answer({"is": "well"})
            return
        time.sleep(WORK_S)
        postcode = parse_qs(url.query).get("postcode", ["0"])[0]
        self._answer({"cents": 400 + int(postcode[:1]) * 50})

    def _answer(self, said: dict[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of single requests."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Carrier).serve_forever()
