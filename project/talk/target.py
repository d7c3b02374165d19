"""What `talk` is pointed at: a session, a card by id or number, or something new."""

import re
from dataclasses import dataclass
from typing import Any

from project.client import Account, ClientError, Refused

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"#?(\d{1,9})")


@dataclass(frozen=True)
class Target:
    """An open session by id, or the fields of one to be opened."""

    session: str | None
    start: dict[str, Any]


async def find_target(account: Account, named: str, board: str | None, start: dict[str, Any]) -> Target:
    """The newest open session of a card, a session itself, or a new one with the fields `start`. ClientError in words otherwise."""
    target = await _find(account, named, board, start)
    if target.session and start.get("tools"):
        raise ClientError("Tools are declared with a new session, and this one is open already: give new.")
    return target


async def _find(account: Account, named: str, board: str | None, start: dict[str, Any]) -> Target:
    if named == "new":
        return Target(None, start | ({"board": await find_board(account, board)} if board else {}))
    if number := _NUMBER.fullmatch(named):
        return await _of_card(account, await _find_card(account, int(number[1]), board), start)
    if not _ID.fullmatch(named):
        raise ClientError(f"{named!r} is neither new, nor a number such as #12, nor the id of a session or card.")
    try:
        session = await account.get(f"sessions/{named.lower()}/")
    except Refused as refused:
        if refused.code != "not_found":
            raise
        return await _of_card(account, (await account.get(f"cards/{named.lower()}/"))["id"], start)
    return Target(session["id"], {})


async def find_board(account: Account, named: str | None) -> str:
    """The id of the board of that name or id; the only one when none is named."""
    boards = await account.list_all("boards/")
    found = [board for board in boards if named is None or named in (board["id"], board["name"])]
    if len(found) != 1:
        names = ", ".join(sorted(board["name"] for board in boards)) or "none"
        raise ClientError(f"Say which board with --board (name or id). Yours: {names}.")
    identity: str = found[0]["id"]
    return identity


async def _find_card(account: Account, number: int, board: str | None) -> str:
    cards = await account.list_all(f"boards/{await find_board(account, board)}/cards/")
    identity: str | None = next((card["id"] for card in cards if card["number"] == number), None)
    if identity is None:
        raise ClientError(f"There is no card #{number} on this board.")
    return identity


async def _of_card(account: Account, card: str, start: dict[str, Any]) -> Target:
    sessions = await account.get("sessions/", card=card, status="active", limit=1)
    newest = sessions["results"][0]["id"] if sessions["results"] else None
    return Target(newest, {} if newest else start | {"card": card})
