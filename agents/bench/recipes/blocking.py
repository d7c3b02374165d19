"""What blocks an event loop, by full name."""

import libcst as cst

from agents.bench.recipes.source import Source

SLEEP = "time.sleep"
_REQUESTS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
# Each does all its work before it returns, and what it returns can be used by any thread.
CALLS = frozenset(
    {
        *(f"{module}.{name}" for module in ("requests", "httpx", "httpx2") for name in _REQUESTS),
        *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output")),
        *(f"shutil.{name}" for name in ("copy", "copy2", "copyfile", "copytree", "move", "rmtree", "make_archive", "unpack_archive")),
        *("os.system", "socket.gethostbyname", "socket.getaddrinfo", "socket.create_connection", "urllib.request.urlretrieve"),
    }
)
# Each gives something that goes on blocking while it is used, so it is moved with all that is done to it.
OPENERS = frozenset({"builtins.open", "io.open", "gzip.open", "urllib.request.urlopen", "sqlite3.connect", "zipfile.ZipFile"})
_CLOSING = "contextlib.closing"
_OF_PATHS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes"})


def is_opener(source: Source, node: cst.CSTNode) -> bool:
    """Whether this opens a file, an address or a database, as in `open(path)` or `closing(sqlite3.connect(path))`."""
    if not isinstance(node, cst.Call):
        return False
    meaning = source.meaning(node.func)
    return meaning in OPENERS or (meaning == _CLOSING and len(node.args) == 1 and is_opener(source, node.args[0].value))


def is_whole(source: Source, call: cst.Call) -> bool:
    """Whether the call blocks, and has done all its work when it returns."""
    streams = any(each.keyword is not None and each.keyword.value == "stream" for each in call.args)
    return (source.meaning(call.func) in CALLS and not streams) or _is_of_path(source, call)


def _is_of_path(source: Source, call: cst.Call) -> bool:
    """Whether it reads or writes the file of a `Path(...)` that is made on the spot."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value not in _OF_PATHS:
        return False
    made = func.value
    while isinstance(made, cst.BinaryOperation) and isinstance(made.operator, cst.Divide):
        made = made.left
    return isinstance(made, cst.Call) and source.meaning(made.func) == "pathlib.Path"


def blocks(source: Source, call: cst.Call) -> bool:
    """Whether the call itself blocks, in whatever way."""
    return source.meaning(call.func) == SLEEP or is_whole(source, call) or is_opener(source, call)
