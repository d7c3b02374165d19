"""What a service sees of our environment."""

import pytest

from agents.bench.processes.environment import environment, own_environment


def test_nothing_of_ours_is_passed_on_but_what_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "WORKROOM_SECRET_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "AWS_SECRET_ACCESS_KEY",
        "SSH_AUTH_SOCK",
        "HTTP_PROXY",
        "PYTHON_KEYRING",
    ):
        monkeypatch.setenv(name, "secret-value")
    monkeypatch.setenv("LC_TIME", "C")
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    for passed in (environment({}), own_environment()):
        assert "secret-value" not in passed.values()
    assert (environment({})["LC_TIME"], environment({})["PYTHONHASHSEED"]) == ("C", "1")


def test_declared_values_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    passed = environment({"TZ": "Europe/Rome", "PYTHONUNBUFFERED": "", "WORKROOM_DEBUG": "1"})
    assert (passed["TZ"], passed["PYTHONUNBUFFERED"], passed["WORKROOM_DEBUG"]) == ("Europe/Rome", "", "1")
