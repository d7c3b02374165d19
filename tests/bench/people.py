"""People, a board and cards for a measurement, made over REST."""

from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True)
class Board:
    id: str
    columns: list[str]
    cards: list[str]
    bearers: list[dict[str, str]]


def new_board(url: str, people: int = 1) -> Board:
    """A board with a card for each of `people`, all of whom may edit it."""
    with httpx2.Client(base_url=f"{url}/api/", timeout=60) as http:
        bearers = [_sign_up(http, f"person{number}") for number in range(people)]
        board = _post(http, "boards/", bearers[0], {"name": "Bench"})["board"]["id"]
        for number in range(1, people):
            _post(http, f"boards/{board}/members/", bearers[0], {"username": f"person{number}", "role": "editor"})
        state = http.get(f"boards/{board}/snapshot/", headers=bearers[0]).json()["state"]
        columns = [column["id"] for column in state["columns"]]
        cards = [_post(http, f"boards/{board}/cards/", bearers[0], {"column": columns[0], "title": f"Card {n}"}) for n in range(people)]
    return Board(board, columns, [card["card"]["id"] for card in cards], bearers)


def _sign_up(http: httpx2.Client, name: str) -> dict[str, str]:
    signed_in = http.post("auth/signup/", json={"username": name, "password": f"{name}-moves-Cards-9"}).json()
    return {"Authorization": f"Bearer {signed_in['token']}"}


def _post(http: httpx2.Client, path: str, bearer: dict[str, str], data: dict[str, Any]) -> Any:
    answer = http.post(path, headers=bearer, json=data)
    answer.raise_for_status()
    return answer.json()
