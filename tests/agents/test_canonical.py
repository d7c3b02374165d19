"""What a database gives back of JSON is what was stored: an answer is bound to the hash of what was shown."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents import emit
from agents.canonical import canonical
from agents.lease import claim_next
from agents.llm.port import ToolCallDelta
from agents.models import Request, Run
from agents.services.fence import load_attempt
from agents.services.requests import RequestDraft, hash_shown
from agents.services.scope import Step
from agents.workflows.mending import mend_delta
from project.ids import new_id
from tests.agents.conftest import Room
from tests.agents.driving import OWNER
from tests.agents.test_emit import put_out

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.sampled_from([1e16, -1e16, 1e22, 1.5e300, -0.0, 5e-324])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=10
)
ODD: dict[str, Any] = {"large": 1e16, "larger": [-1.5e300], "nothing": {"deep": -0.0}, "small": 1e-7, "plain": 2.0}


def test_values_come_back_as_they_are_written(room: Room) -> None:
    room.say(room.session(), "Hello")

    @settings(max_examples=150, deadline=None)
    @example(ODD)
    @given(VALUES)
    def check(value: object) -> None:
        shown = canonical(value)
        assert shown == value
        Run.objects.update(definition={"value": shown})
        kept = Run.objects.values_list("definition", flat=True).get()
        assert json.dumps(kept["value"], sort_keys=True) == json.dumps(shown, sort_keys=True)

    check()


def test_request_with_odd_numbers_is_what_was_shown(room: Room) -> None:
    room.say(room.session(), "Hello")
    claim = claim_next(OWNER)
    assert claim is not None
    draft = RequestDraft("q", Request.Kind.APPROVAL, "Do it?", parameters=ODD, schema={"maximum": 1e16})
    made, _ = put_out(load_attempt(claim.run_id, claim.attempt), emit.RequestMade(Step(new_id(), "assistant"), draft))
    kept = Request.objects.get(id=made.id)
    assert kept.parameters == ODD
    assert hash_shown(kept) == kept.hash == made.hash


def test_numbers_keep_their_value() -> None:
    odd = canonical(ODD)
    assert odd == ODD
    assert isinstance(odd, dict)
    assert (repr(odd["large"]), repr(odd["plain"])) == ("10000000000000000", "2.0")
    assert math.copysign(1, odd["nothing"]["deep"]) == 1


def test_arguments_of_a_model_are_compared_as_they_are_kept() -> None:
    """What was approved is held to what is to be done."""
    mended = mend_delta(ToolCallDelta("c1", "burn", {"heat": 1.5e300, "odd": float("nan")}))
    assert isinstance(mended, ToolCallDelta)
    assert mended.arguments == {"heat": int(1.5e300), "odd": "nan"}
    assert isinstance(mended.arguments["heat"], int)
