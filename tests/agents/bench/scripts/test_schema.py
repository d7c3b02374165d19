"""The JSON Schema for editors is the committed one, and says of scenarios what reading them says."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agents.bench.documents import parse_document, read_document
from agents.bench.errors import BadFile
from agents.bench.scripts.load import parse_script
from agents.bench.scripts.operators import OPERATORS
from agents.bench.scripts.schema import schema, schema_text
from agents.bench.scripts.steps import KINDS

ROOT = Path(__file__).resolve().parents[4]
FILES = sorted([*(ROOT / "tests/scenarios").rglob("*.yaml"), *(ROOT / "examples").rglob("*.ws.yaml")])


def is_valid(value: Any) -> bool:
    return jsonschema.Draft202012Validator(schema()).is_valid(value)


def test_committed_schema_is_the_one_of_the_code() -> None:
    """Written anew by: manage.py wsscript --schema > docs/schemas/wsscript.schema.json."""
    assert (ROOT / "docs/schemas/wsscript.schema.json").read_text(encoding="utf-8") == schema_text()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_scenarios_are_valid(path: Path) -> None:
    jsonschema.validate(read_document(path).value, schema())


def test_every_kind_of_step_is_in_our_scenarios() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert [kind for kind in KINDS if f"- {kind}:" not in texts and f"  {kind}:" not in texts] == []


@pytest.mark.parametrize(
    "steps",
    [
        "[{connect: a, colour: red}]",
        "[{launch: a}]",
        "[{connect: a}, {expect: a, match: 1, order: some}]",
        "[{wait: -1}]",
        "[{wait: '1'}]",
        "[{request: FETCH x}]",
        "[{repeat: 2}]",
        "[]",
    ],
)
def test_what_reading_refuses_the_schema_refuses(steps: str) -> None:
    text = f"name: x\nclients: {{a: {{url: x}}}}\nsteps: {steps}"
    with pytest.raises(BadFile):
        parse_script(text)
    assert not is_valid(parse_document(text).value)


def test_every_step_and_word_is_described() -> None:
    text = (ROOT / "docs/TEST_BENCH.md").read_text(encoding="utf-8").split("## Scenarios")[1].split("## Measurements")[0]
    assert [kind for kind in KINDS if f"`{kind}: " not in text] == []
    assert [word for word in OPERATORS if f"`{word}: " not in text] == []
