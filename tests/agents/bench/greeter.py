"""A small real service that answers slowly, as a project with a scenario, tests and measurements; and who of it still runs."""

import os
from pathlib import Path

import psutil

SERVER = """\
import http.server, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.02)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"said": "hello"}')

print("mark", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SPEC = """\
name: Greeter
services:
  greeter: {command: ["{python}", server.py, "{port}"], port: auto, healthy: {http: /, within: 20}}
scenarios: ["*.ws.yaml"]
tests: ["{python}", tests.py]
measure:
  hello: {kind: http, url: "http://{greeter.address}/", requests: 6, concurrency: 2, warm_up: 1, repeats: 2}
  nothing: {kind: http, url: "http://{greeter.address}/", requests: 4, concurrency: 2, warm_up: 1, repeats: 1}
budgets: ["hello p95 < 10 ms", "nothing errors = 0"]
change: [server.py]
"""
SCENARIO = """\
name: It greets
addresses: {greeter: null}
steps:
  - {request: "GET {greeter}/", match: {said: hello}}
"""
TESTS = "import pathlib; print('looked'); raise SystemExit('hello' not in pathlib.Path('server.py').read_text())\n"


def make_greeter(folder: Path) -> Path:
    """The project's folder."""
    folder.mkdir(parents=True)
    for name, text in {"server.py": SERVER, "bench.yaml": SPEC, "greet.ws.yaml": SCENARIO, "tests.py": TESTS}.items():
        (folder / name).write_text(text)
    return folder


def running_in(folder: Path) -> list[str]:
    """Processes that work below this folder, or name it, and are still there."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        told = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
        if process.pid != os.getpid() and any(str(folder) in each for each in told):
            found.append(" ".join(told))
    return found
