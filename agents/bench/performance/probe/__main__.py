"""`python .../probe OUT ROOT -- [-m module | script] args…`: start looking, then become the program."""

import importlib
import importlib.util
import os
import runpy
import sys
from pathlib import Path

_NAME = "_bench_probe"
"""What this package is called inside a project: never like one of its own modules."""


def _load_start() -> object:
    """The function that starts the probe, from this package under its other name."""
    here = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(_NAME, here / "__init__.py", submodule_search_locations=[str(here)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{here} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    spec.loader.exec_module(module)
    return importlib.import_module(f"{_NAME}.phases").start


def main() -> None:
    """Give the program the arguments and the path it would have without a probe."""
    out, root, _, *program = sys.argv[1:]
    start = _load_start()
    if callable(start):
        start(Path(out), Path(root))
    if program[0] == "-m":
        sys.path[0] = os.getcwd()
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(program[0]).resolve().parent)
        sys.argv = program
        runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    main()
