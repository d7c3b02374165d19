"""`make test` runs every part, tells what failed and what is missing, and refuses to leave anything out in CI."""

import sys
from collections.abc import Callable
from functools import partial

import pytest

from tests.process.server import ROOT
from tests.tools import suite
from tests.tools.suite import Part, plan_parts

Places = Callable[..., None]


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Places:
    """`places(redis=None)` makes `main` find everything but Redis; the suite has the parts "good" and "bad"."""
    monkeypatch.delenv("CI", raising=False)

    def find(**found: str | None) -> None:
        for name in ("postgres", "redis", "chromium"):
            monkeypatch.setattr(suite, f"find_{name}", partial(found.get, name, "here"))

    return find


def use_parts(monkeypatch: pytest.MonkeyPatch, *statuses: int) -> None:
    parts = [Part(f"part {number}", (sys.executable, "-c", f"raise SystemExit({status})")) for number, status in enumerate(statuses)]
    monkeypatch.setattr(suite, "plan_parts", lambda **_: iter(parts))


def test_sqlite_comes_last_and_without_the_other_databases() -> None:
    last = list(plan_parts(postgres="postgres://x", redis="redis://y"))[-1]
    assert last.environ == {"WORKROOM_TEST_DATABASE_URL": "", "WORKROOM_TEST_REDIS_URL": ""}


@pytest.mark.parametrize(("postgres", "redis"), [(None, "redis://y"), ("postgres://x", None)])
def test_run_on_postgres_wants_both_services(postgres: str | None, redis: str | None) -> None:
    assert len(list(plan_parts(postgres=postgres, redis=redis))) == len(list(plan_parts(postgres="a", redis="b"))) - 1


@pytest.mark.parametrize("path", [*suite.ONCE, *suite.ONCE_ON_POSTGRES])
def test_what_one_database_leaves_out_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_no_test_is_left_out_of_both_databases() -> None:
    assert not set(suite.ONCE) & set(suite.ONCE_ON_POSTGRES)


def test_failed_part_is_told_and_does_not_stop_the_next(
    places: Places, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    places()
    use_parts(monkeypatch, 1, 0)
    assert suite.main() == 1
    assert "Failed so far: part 0\n\n== part 1" in capfd.readouterr().out


def test_parts_keep_what_they_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert suite.run_part(Part("", (sys.executable, "-c", "import sys; raise SystemExit(sys.dont_write_bytecode)")))


def test_all_parts_passing_is_a_success(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places()
    use_parts(monkeypatch, 0, 0)
    assert suite.main() == 0


def test_missing_service_is_told_and_left_out(places: Places, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    places(redis=None)
    use_parts(monkeypatch, 0)
    assert suite.main() == 0
    assert "Not found, so left out: Redis" in capfd.readouterr().out


def test_missing_service_fails_in_ci(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places(chromium=None)
    monkeypatch.setenv("CI", "true")
    use_parts(monkeypatch, 0)
    assert suite.main() == 1
