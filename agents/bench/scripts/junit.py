"""Outcomes as JUnit XML, which build servers read."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from agents.bench.scripts.outcome import Outcome
from agents.bench.scripts.text import report

# What XML 1.0 can't hold, even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(outcomes: Sequence[Outcome], *, suite: str = "wsscript") -> str:
    """One test case for each play, its steps as output and its report as the failure."""
    failed = sum(not outcome.passed for outcome in outcomes)
    seconds = sum(outcome.duration_ms for outcome in outcomes) / 1000
    totals = {"tests": str(len(outcomes)), "failures": str(failed), "errors": "0", "time": f"{seconds:.3f}"}
    root = Element("testsuites", totals)
    suite_element = SubElement(root, "testsuite", {"name": suite, **totals})
    for outcome in outcomes:
        _add(suite_element, outcome)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _add(suite: Element, outcome: Outcome) -> None:
    seconds = f"{outcome.duration_ms / 1000:.3f}"
    case = SubElement(suite, "testcase", {"name": _clean(outcome.name), "classname": _clean(outcome.file), "time": seconds})
    if outcome.file:
        case.set("file", _clean(outcome.file))
    if not outcome.passed:
        first = outcome.failures[0]
        failure = SubElement(case, "failure", {"type": "StepFailed", "message": _clean(f"{first.path}: {first.message}")})
        failure.text = _clean(report(outcome))
    SubElement(case, "system-out").text = _clean(report(outcome, with_steps=True).split("\n\n")[0])


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
