from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from project.accounts.guard import SlidingWindow, client_address
from project.accounts.models import User
from tests.accounts.conftest import submit

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


WRONG = "wrong"


def try_login(name: str, address: str = "10.0.0.1", password: str = WRONG) -> Any:
    body = {"username": name, "password": password}
    return Client().post("/api/auth/login/", body, content_type="application/json", REMOTE_ADDR=address)


class TestSlidingWindow:
    def test_lets_no_more_than_the_limit_through_any_minute(self) -> None:
        clock = Clock()
        window = SlidingWindow(window_s=60, clock=clock)
        passed = []
        for _ in range(1000):
            if window.take("k", 5) == 0:
                passed.append(clock.now)
            clock.now += 0.5
        assert max(sum(1 for other in passed if at <= other < at + 60) for at in passed) == 5
        assert len(passed) == 5 * 9  # 500 s

    def test_says_when_the_next_one_fits(self) -> None:
        clock = Clock()
        window = SlidingWindow(window_s=60, clock=clock)
        assert window.take("k", 2) == 0
        clock.now += 10
        assert window.take("k", 2) == 0
        assert window.take("k", 2) == 50
        clock.now += 50
        assert window.take("k", 2) == 0

    def test_forgets_what_is_too_old_and_never_grows_beyond_its_bound(self) -> None:
        clock = Clock()
        window = SlidingWindow(window_s=60, most_keys=10, clock=clock)
        for number in range(100):
            window.take(number, 5)
        assert len(window._times) <= 10
        clock.now += 61
        window.take("k", 5)
        assert len(window._times) == 1

    def test_counts_exactly_under_concurrency(self) -> None:
        window = SlidingWindow(window_s=60)
        with ThreadPoolExecutor(16) as pool:
            waits = list(pool.map(lambda _: window.take("k", 5), range(500)))
        assert waits.count(0.0) == 5


class TestSignInLimit:
    def test_sixth_try_is_refused_even_with_the_right_password(self, alice: User) -> None:
        assert [try_login("alice").status_code for _ in range(5)] == [401] * 5
        response = try_login("alice", password="alice-pass-1234")
        assert response.status_code == 429
        error = response.json()["error"]
        assert error["code"] == "rate_limited"
        assert error["message"].startswith("Too many tries. Try again in ")
        assert 50 <= int(response["Retry-After"]) <= 60
        assert error["data"]["retry_after_s"] == int(response["Retry-After"])

    def test_is_the_same_for_an_unknown_name(self, alice: User) -> None:
        answers = {name: [try_login(name) for _ in range(7)] for name in ("alice", "nobody")}
        shapes = {name: [(each.status_code, each.json()["error"]["code"]) for each in given] for name, given in answers.items()}
        assert shapes["alice"] == shapes["nobody"]

    def test_is_per_account_and_address(self, alice: User, bob: User) -> None:
        assert [try_login("alice").status_code for _ in range(6)][-1] == 429
        assert try_login("bob", password="bob-pass-1234").status_code == 200
        assert try_login("alice", address="10.0.0.2", password="alice-pass-1234").status_code == 200

    @pytest.mark.parametrize("spelling", ["ALICE", " alice ", "ａｌｉｃｅ"])
    def test_other_spellings_count_as_the_same_account(self, alice: User, spelling: str) -> None:
        for _ in range(5):
            try_login("alice")
        assert try_login(spelling).status_code == 429

    def test_page_and_rest_share_the_count(self, alice: User) -> None:
        for _ in range(5):
            try_login("alice", address="127.0.0.1")
        response = submit(Client(), "/accounts/login/", {"username": "alice", "password": "alice-pass-1234"})
        assert response.status_code == 429
        assert "Too many tries. Try again in " in response.content.decode()
        assert int(response["Retry-After"]) > 0

    def test_admin_shares_the_count(self, alice: User) -> None:
        User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
        for _ in range(5):
            try_login("alice", address="127.0.0.1")
        response = submit(Client(), "/admin/login/", {"username": "alice", "password": "alice-pass-1234"})
        assert "Too many tries." in response.content.decode()

    def test_of_many_parallel_guesses_five_are_judged(self, alice: User, django_db_blocker: Any) -> None:
        with ThreadPoolExecutor(10) as pool:
            statuses = list(pool.map(lambda _: in_thread(lambda: try_login("alice").status_code), range(50)))
        assert sorted(set(statuses)) == [401, 429]
        assert statuses.count(401) == 5

    def test_limit_is_a_setting(self, alice: User, settings: Any) -> None:
        settings.WORKROOM_LIMITS = {"logins_per_min": 2}
        assert [try_login("alice").status_code for _ in range(3)] == [401, 401, 429]


def in_thread(work: Callable[[], int]) -> int:
    """`work`, its database connection closed afterwards."""
    try:
        return work()
    finally:
        connection.close()


class TestAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "expected"),
        [
            (0, "1.2.3.4", "10.0.0.1"),
            (1, "1.2.3.4", "1.2.3.4"),
            (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
            (2, "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"),
            (2, "1.2.3.4", "10.0.0.1"),
            (1, "", ""),
            (1, "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
            (1, "not an address", "not an address"),
        ],
    )
    def test_believes_trusted_proxies_only(self, settings: Any, proxies: int, forwarded: str, expected: str) -> None:
        settings.WORKROOM_TRUSTED_PROXIES = proxies
        request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        assert client_address(request) == expected
