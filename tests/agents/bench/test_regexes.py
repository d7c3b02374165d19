"""Regular expressions of others: what is found, and what has no end."""

import asyncio
import re

import pytest

from agents.bench import regexes
from agents.bench.errors import Failed
from agents.bench.regexes import search

ENDLESS = re.compile("(a+)+$")


@pytest.fixture(autouse=True)
def _little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "_MOST_CPU_S", 0.05)


def test_what_is_there_is_found_and_what_isnt_is_not() -> None:
    assert search(re.compile("b+"), "abbc")
    assert not search(re.compile("^b"), "abbc")


def test_search_without_an_end_is_cut_off_and_told_each_time() -> None:
    for _ in range(2):
        with pytest.raises(Failed, match=r"the regular expression \(a\+\)\+\$ was searched for 0.05 s in 61 characters and isn't done"):
            search(ENDLESS, "a" * 60 + "b")
    assert search(ENDLESS, "aaa")


async def test_elsewhere_than_in_the_main_thread_it_is_searched_for_all_the_same() -> None:
    assert await asyncio.to_thread(search, ENDLESS, "aaa")
