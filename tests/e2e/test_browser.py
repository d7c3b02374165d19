"""What people see, in real Chromium against a real server: one scenario each."""

import pytest

from tests.e2e.conftest import Scenario

pytestmark = [pytest.mark.e2e, pytest.mark.process, pytest.mark.timeout(240)]


@pytest.mark.parametrize(
    "name",
    ["two_browsers", "full_column", "focus", "offline", "agents", "approval", "room", "inbox", "review", "hostile", "console", "optimise"],
)
def test_scenario(scenario: Scenario, name: str) -> None:
    scenario(name)


@pytest.mark.usefixtures("measured")
def test_scenario_of_reports(scenario: Scenario) -> None:
    scenario("performance")
