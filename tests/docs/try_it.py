"""docs/TRY_IT.md, taken apart: per example what is typed and what is shown, and the frames of the bare socket."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.docs.test_docs import ROOT

EXAMPLES = ROOT / "examples" / "talk"
_COMMAND = re.compile(r"```sh\n(.*manage\.py talk .*)# examples/talk/(\S+)\n```")
_TEXT = re.compile(r"```text\n(.*?)```", re.DOTALL)
_JSON = re.compile(r"```json\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """One walk: the command that begins it, and its blocks of text in one."""

    example: str
    command: str
    shown_text: str

    @property
    def typed(self) -> list[str]:
        return [line.removeprefix("> ") for line in self.shown_text.splitlines() if line.startswith("> ")]

    @property
    def shown(self) -> list[re.Pattern[str]]:
        """What must be shown, in this order; `…` stands for anything."""
        lines = [line for line in self.shown_text.splitlines() if not line.startswith("> ") and line != "…"]
        return [re.compile(".*".join(re.escape(part) for part in line.split("…"))) for line in lines]


def parts() -> list[Part]:
    """The parts of the guide that have a script."""
    guide = (ROOT / "docs" / "TRY_IT.md").read_text(encoding="utf-8")
    found = list(_COMMAND.finditer(guide))
    ends = [*(match.start() for match in found[1:]), guide.index("## The bare socket")]
    return [Part(match[2], match[1], "".join(_TEXT.findall(guide[match.end() : end]))) for match, end in zip(found, ends, strict=True)]


def socket_frames() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is sent by hand, and what must come of it."""
    guide = (ROOT / "docs" / "TRY_IT.md").read_text(encoding="utf-8")
    sent, came = _JSON.findall(guide)
    return [json.loads(line) for line in sent.splitlines()], [json.loads(line) for line in came.splitlines()]
