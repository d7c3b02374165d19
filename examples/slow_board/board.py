"""A task board in memory: columns with cards, commands of clients, and every change told to all of them."""

import json
from dataclasses import dataclass, field
from typing import Any

from delivery import Client, Gone

_MOST_CARDS = 1_000
_LONGEST_TITLE = 200


class Refused(Exception):
    """A command that can't be carried out, with the reason for the client."""


@dataclass
class Board:
    """`columns` are card ids in their order; `changes` counts what happened since the server started."""

    columns: dict[str, list[str]]
    titles: dict[str, str]
    changes: int = 0
    clients: dict[int, Client] = field(default_factory=dict)

    async def attend(self, client: Client) -> None:
        """One client's visit: it gets the board as it is, and from then on every change."""
        self.clients[client.number] = client
        try:
            await client.send(json.dumps(self.state()))
            async for message in client.messages():
                await self.answer(client, message)
        except Gone:
            pass
        finally:
            self.clients.pop(client.number, None)

    async def answer(self, client: Client, message: str | bytes) -> None:
        """Carry out a command and tell everybody, or tell the client why not."""
        ref = None
        try:
            command = read(message)
            ref = command.get("ref")
            event = self.change(command)
        except Refused as refused:
            await client.send(json.dumps({"is": "refused", "reason": str(refused), "ref": ref}))
        else:
            await self.broadcast({**event, "by": client.number, "ref": ref})

    async def broadcast(self, event: dict[str, Any]) -> None:
        """Send an event to every client."""
        text = json.dumps(event)
        for client in list(self.clients.values()):
            try:
                await client.send(text)
            except Gone:
                self.clients.pop(client.number, None)

    def state(self) -> dict[str, Any]:
        """All that a client needs to show the board."""
        columns = {name: [{"card": card, "title": self.titles[card]} for card in cards] for name, cards in self.columns.items()}
        return {"is": "state", "change": self.changes, "columns": columns}

    def change(self, command: dict[str, Any]) -> dict[str, Any]:
        """Change the board and say what happened; Refused where it can't be."""
        match command.get("do"):
            case "add":
                event = self._add(command)
            case "move":
                event = self._move(command)
            case "rename":
                event = self._rename(command)
            case other:
                raise Refused(f"There is no command {other!r}: do add, move or rename.")
        self.changes += 1
        return {**event, "change": self.changes}

    def _add(self, command: dict[str, Any]) -> dict[str, Any]:
        column, title = self._column(command), _title(command)
        if len(self.titles) >= _MOST_CARDS:
            raise Refused(f"The board has {_MOST_CARDS} cards already.")
        card = f"card-{len(self.titles) + 1}"
        self.titles[card] = title
        self.columns[column].append(card)
        return {"is": "added", "card": card, "title": title, "column": column}

    def _move(self, command: dict[str, Any]) -> dict[str, Any]:
        card, column = self._card(command), self._column(command)
        for cards in self.columns.values():
            if card in cards:
                cards.remove(card)
        self.columns[column].append(card)
        return {"is": "moved", "card": card, "column": column}

    def _rename(self, command: dict[str, Any]) -> dict[str, Any]:
        card, title = self._card(command), _title(command)
        self.titles[card] = title
        return {"is": "renamed", "card": card, "title": title}

    def _card(self, command: dict[str, Any]) -> str:
        card = command.get("card")
        if not isinstance(card, str) or card not in self.titles:
            raise Refused(f"There is no card {card!r}.")
        return card

    def _column(self, command: dict[str, Any]) -> str:
        column = command.get("column")
        if not isinstance(column, str) or column not in self.columns:
            raise Refused(f"There is no column {column!r}: there are {', '.join(self.columns)}.")
        return column


def read(message: str | bytes) -> dict[str, Any]:
    """The command in a message; Refused where there is none."""
    try:
        command = json.loads(message) if isinstance(message, str) else None
    except ValueError as error:
        raise Refused(f"This isn't JSON: {error}.") from error
    if not isinstance(command, dict):
        raise Refused("A command is a JSON object.")
    return command


def _title(command: dict[str, Any]) -> str:
    title = command.get("title")
    if not isinstance(title, str) or not title.strip() or len(title) > _LONGEST_TITLE:
        raise Refused(f"A title is a text of 1 to {_LONGEST_TITLE} characters.")
    return title


def new_board() -> Board:
    """The board that the server starts with."""
    titles = {"plan": "Plan the launch", "logo": "Draw a logo", "press": "Write to the press"}
    return Board(columns={"todo": list(titles), "doing": [], "done": []}, titles=titles)
