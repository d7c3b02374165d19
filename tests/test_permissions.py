"""The permission matrix: tests/permissions.yaml against every address, method and socket command, for each kind of person."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from asgiref.sync import sync_to_async
from django.test import Client

from project import routing
from project.accounts import guard
from project.accounts.models import User
from project.realtime.consumers import CONTROLS
from project.realtime.reference import document
from tests.conftest import Api, ConnectAs
from tests.permissions import PRINCIPALS, People, World, make_people, make_world, methods_of, routes, view_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

jsonschema = import_module("jsonschema")  # it ships no types
MATRIX: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix("").with_name("permissions.yaml").read_text(encoding="utf-8"))
UNDESCRIBED = {"/api/schema/", "/api/docs/"}
CODES = {401: "not_authenticated", 403: "forbidden", 404: "not_found"}
CLOSED = {401: 4501, 404: 4502}


def expected(row: dict[str, Any], principal: str) -> int:
    outcome = MATRIX["profiles"][row["may"]][principal]
    return int(row.get("ok", 200)) if outcome == "ok" else int(outcome)


def is_let_in(row: dict[str, Any], principal: str) -> bool:
    return str(MATRIX["profiles"][row["may"]][principal]) == "ok"


class Worlds:
    """Hands out a world, and a fresh one once somebody has changed the last."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.is_spent = False
        self._world = make_world(people)

    @property
    def world(self) -> World:
        if self.is_spent:
            self._world, self.is_spent = make_world(self.people), False
        return self._world


@pytest.fixture
def worlds(transactional_db: None) -> Worlds:
    return Worlds(make_people())


@pytest.fixture(autouse=True)
def _fresh_guard() -> Iterator[None]:
    guard.tries.clear()
    yield
    guard.tries.clear()


def test_every_route_and_method_is_listed() -> None:
    prefixes = tuple(MATRIX["prefixes"])
    listed = {tuple(row.split(" ", 1)) for row in [*MATRIX["rest"], *MATRIX["pages"]]}
    served = {(name.upper(), address) for address, pattern in routes() for name in methods_of(pattern)}
    assert {row for row in listed if not row[1].startswith(prefixes)} == {
        row for row in served if not row[1].startswith(prefixes)
    } - FORM_POSTS


# Forms are sent to the address that shows them, under the rule of the row that shows them; tests/accounts and tests/agents have what
# they do.
FORM_POSTS = {(method, f"/accounts/{page}/") for page in ("login", "signup", "password") for method in ("POST", "PUT")} | {
    ("POST", "/verify/")
}


def test_every_command_is_listed() -> None:
    assert set(MATRIX["board_commands"]) == set(routing.board_commands)
    assert set(MATRIX["session_commands"]) == set(routing.session_commands)
    assert set(MATRIX["controls"]) == {"ack", *CONTROLS}


def test_every_profile_says_something_of_everybody() -> None:
    for profile in MATRIX["profiles"].values():
        assert tuple(profile) == PRINCIPALS


def test_plain_functions_of_the_api_serve_get_alone(worlds: Worlds) -> None:
    client = Api(worlds.people["owner"])
    for address, pattern in routes():
        if view_of(pattern) is None and address.startswith("/api/"):
            path = address.format(**worlds.world.ids, stream_id=worlds.world.ids["board_id"])
            assert client.call("post", path).status_code == 405, address


def aim(world: World, name: str, row: dict[str, Any]) -> tuple[str, str]:
    """The method and the path of a row in this world."""
    method, address = name.split(" ", 1)
    return method.lower(), address.format(**(world.ids | world.fill(row.get("with", {}))))


def ask(world: World, principal: str, name: str, row: dict[str, Any]) -> Any:
    method, path = aim(world, name, row)
    response = Api(world.people[principal]).call(method, path, world.fill(row.get("send")))
    response.close()  # an event stream counts as a connection until then
    return response


READS = [name for name in MATRIX["rest"] if name.startswith("GET ")]
UNSAFE = [name for name in MATRIX["rest"] if name not in READS]


def check_shape(name: str, response: Any) -> None:
    """What is answered is what the OpenAPI document says of it."""
    method, address = name.split(" ", 1)
    if address in UNDESCRIBED or response.streaming:
        return
    responses = document()["paths"][address][method.lower()]["responses"]
    described = responses.get(str(response.status_code))
    assert described, f"{name} answers {response.status_code}, which is not described"
    if "content" in described:
        schema = {**described["content"]["application/json"]["schema"], "components": document()["components"]}
        jsonschema.Draft202012Validator(schema).validate(response.json())


def check_rest(world: World, principal: str, name: str) -> None:
    """Ask as this person and judge the answer; a refusal must have changed nothing."""
    row = MATRIX["rest"][name]
    before = world.heads()
    response = ask(world, principal, name, row)
    assert response.status_code == expected(row, principal), (name, principal, getattr(response, "content", ""))
    check_shape(name, response)
    if not is_let_in(row, principal):
        assert response.json()["error"]["code"] == CODES[response.status_code], (name, principal)
        assert world.heads() == before, f"{principal} was refused {name}, and yet something changed"


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_rest_reads(worlds: Worlds, principal: str) -> None:
    for name in READS:
        check_rest(worlds.world, principal, name)


@pytest.mark.parametrize("name", UNSAFE)
def test_rest_writes(worlds: Worlds, name: str) -> None:
    for principal in PRINCIPALS:
        check_rest(worlds.world, principal, name)
        worlds.is_spent = is_let_in(MATRIX["rest"][name], principal)
        guard.tries.clear()
        User.objects.filter(username="dora").delete()


def test_strangers_cannot_tell_anything_from_what_does_not_exist(worlds: Worlds) -> None:
    world = worlds.world
    nowhere = World(world.people, {key: str(uuid4()) if key.endswith("_id") else value for key, value in world.ids.items()})
    hidden = [name for name, row in MATRIX["rest"].items() if MATRIX["profiles"][row["may"]]["stranger"] == 404]
    assert len(hidden) > 30
    for name in hidden:
        row = MATRIX["rest"][name]
        foreign, missing = ask(world, "stranger", name, row), ask(nowhere, "owner", name, row)
        assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content), name


SIGNED_IN_ONLY = [name for name, row in MATRIX["rest"].items() if MATRIX["profiles"][row["may"]]["anonymous"] == 401]


def test_every_unsafe_address_wants_the_csrf_token_with_a_cookie(worlds: Worlds) -> None:
    world = worlds.world
    before = world.heads()
    browser = browser_of(world.people["owner"])
    browser.handler.enforce_csrf_checks = True
    for name in UNSAFE:
        row = MATRIX["rest"][name]
        method, path = aim(world, name, row)
        response = getattr(browser, method)(path, world.fill(row.get("send", {})), content_type="application/json")
        assert response.status_code == 403, name
        assert "CSRF" in response.json()["error"]["message"], name
    assert world.heads() == before


def test_deactivated_owner_is_refused_everywhere(worlds: Worlds) -> None:
    world = worlds.world
    owner = world.people["owner"]
    client, browser = Api(owner), browser_of(owner)
    User.objects.filter(username="alice").update(is_active=False)
    for name in SIGNED_IN_ONLY:
        row = MATRIX["rest"][name]
        method, path = aim(world, name, row)
        by_token = client.call(method, path, world.fill(row.get("send")))
        by_cookie = browser.generic(method.upper(), path)
        assert (by_token.status_code, by_cookie.status_code) == (401, 401), name


def browser_of(user: User | None) -> Client:
    """A browser in which `user` has tried to sign in by the page."""
    browser = Client()
    if user is not None:
        guard.tries.clear()
        browser.post("/accounts/login/", {"username": user.username, "password": f"{user.username}-pass-1234"})
    return browser


@pytest.mark.parametrize("name", MATRIX["pages"])
def test_pages(worlds: Worlds, name: str) -> None:
    row, world = MATRIX["pages"][name], worlds.world
    method, path = aim(world, name, row)
    for principal in PRINCIPALS:
        browser = browser_of(world.people[principal])
        response = getattr(browser, method)(path)
        assert response.status_code == expected(row, principal), principal
        if response.status_code == 302 and principal == "anonymous":
            assert response["Location"].startswith(("/accounts/login/", "/admin/login/"))


async def play(connect_as: ConnectAs, world: World, principal: str, path: str, name: str, row: dict[str, Any]) -> None:
    """Send the command over a socket of this person and judge what comes back."""
    status = expected(row, principal)
    socket = await connect_as(world.people[principal], path)
    if principal in ("anonymous", "stranger"):
        assert await socket.close_code() == CLOSED[status], principal
        return
    reply = await socket.command(name, **world.fill(row["send"]))
    await socket.close()
    assert reply["ok"] == is_let_in(row, principal), (principal, reply)
    if not reply["ok"]:
        assert reply["error"]["code"] == CODES[status], principal


COMMANDS = [(table, name) for table in ("board_commands", "session_commands") for name in MATRIX[table]]


@pytest.mark.parametrize(("table", "name"), COMMANDS)
async def test_socket_commands(connect_as: ConnectAs, table: str, name: str) -> None:
    worlds = await sync_to_async(lambda: Worlds(make_people()))()
    row = MATRIX[table][name]
    kind, key = ("boards", "board_id") if table == "board_commands" else ("sessions", "session_id")
    for principal in PRINCIPALS:
        world = await sync_to_async(lambda: worlds.world)()
        before = await sync_to_async(world.heads)()
        await play(connect_as, world, principal, f"/ws/{kind}/{world.ids[key]}/", name, row)
        if is_let_in(row, principal):
            worlds.is_spent = True
        else:
            assert await sync_to_async(world.heads)() == before, f"{principal} was refused, and yet something changed"


@pytest.mark.parametrize("table", ["board_commands", "session_commands"])
async def test_commands_about_a_foreign_board_find_nothing(connect_as: ConnectAs, table: str) -> None:
    """Over a socket of one's own, with ids of somebody else's."""
    world = await sync_to_async(lambda: Worlds(make_people()).world)()
    charlie = world.people["stranger"]
    socket = await connect_as(charlie, await sync_to_async(own_place)(charlie, table))
    before = await sync_to_async(world.heads)()
    for name in [name for name in MATRIX[table] if "$" in str(MATRIX[table][name]["send"])]:
        reply = await socket.command(name, **world.fill(MATRIX[table][name]["send"]))
        assert (reply["ok"], reply["error"]["code"]) in {(False, "not_found"), (False, "invalid")}, (name, reply)
    assert await sync_to_async(world.heads)() == before


def own_place(user: User | None, table: str) -> str:
    """The socket path of a new board or work session of `user`."""
    kind = "boards" if table == "board_commands" else "sessions"
    made = Api(user).ok("post", f"/api/{kind}/", {"name": "Own"} if kind == "boards" else {})
    return f"/ws/{kind}/{made[kind.removesuffix('s')]['id']}/"


@pytest.mark.parametrize("principal", PRINCIPALS)
async def test_starting_a_session_over_its_socket(connect_as: ConnectAs, principal: str) -> None:
    world = await sync_to_async(lambda: Worlds(make_people()).world)()
    row = MATRIX["rest"]["POST /api/sessions/"]
    socket = await connect_as(world.people[principal], "/ws/sessions/")
    if principal == "anonymous":
        assert await socket.close_code() == CLOSED[expected(row, principal)]
        return
    reply = await socket.command("start_session", **world.fill(row["send"]))
    assert reply["ok"] == is_let_in(row, principal)
    if not reply["ok"]:
        assert reply["error"]["code"] == CODES[expected(row, principal)]
