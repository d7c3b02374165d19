"""Keeping what `manage.py perf` measured."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agents.models import PerformanceReport
from project.accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]


def perf(*arguments: str) -> None:
    call_command("perf", *arguments, "--no-diagnosis", "-v0", stderr=StringIO())


def test_report_is_kept_for_the_person_named(sums: Path, alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    perf(str(sums), "--keep", "alice")
    kept = PerformanceReport.objects.get()
    assert (kept.owner, kept.target, kept.passed, kept.output) == (alice, "Sums", True, None)
    assert f"Kept: /performance/{kept.id}/" in capsys.readouterr().out


def test_report_of_a_missed_budget_is_kept_too(sums: Path, alice: User) -> None:
    with pytest.raises(SystemExit):
        perf(str(sums), "--budget", "nap p50 < 0.1 ms", "--keep", "alice")
    assert PerformanceReport.objects.get().passed is False


def test_nothing_is_kept_unless_asked_for(sums: Path, alice: User) -> None:
    perf(str(sums))
    assert not PerformanceReport.objects.exists()


@pytest.mark.parametrize("name", ["nobody", "robo"])
def test_keeping_for_who_does_not_sign_in_is_refused_before_measuring(name: str, robo: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nobody of that name") as refusal:
        perf(str(tmp_path / "not looked at"), "--keep", name)
    assert refusal.value.returncode == 2
