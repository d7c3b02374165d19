"""The shop's server, a small ASGI application: python -m uvicorn shop:app."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from orders import NoSuchCustomer, latest_orders, orders_of
from packing import fewest_boxes
from quotes import delivery_price
from shop_data import open_shop

Scope: TypeAlias = dict[str, Any]
Query: TypeAlias = dict[str, str]

_MOST_UNITS = 30

shop = open_shop()


class BadRequest(Exception):
    """A request that can't be answered, with the reason for whoever sent it."""


async def app(scope: Scope, receive: Callable[[], Awaitable[Scope]], send: Callable[[Scope], Awaitable[None]]) -> None:
    """Answer one request with JSON."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    status, answer = await _answer(scope)
    body = json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer(scope: Scope) -> tuple[int, Any]:
    handler = ROUTES.get(scope["path"])
    if handler is None:
        return 404, {"error": f"There is nothing here: try {', '.join(ROUTES)}."}
    if scope["method"] != "GET":
        return 405, {"error": "Only GET is answered."}
    try:
        return 200, await handler({name: values[-1] for name, values in parse_qs(scope["query_string"].decode()).items()})
    except BadRequest as error:
        return 400, {"error": str(error)}
    except NoSuchCustomer as error:
        return 404, {"error": str(error)}


async def _healthz(query: Query) -> Any:
    return {"is": "well"}


async def _orders(query: Query) -> Any:
    """The newest orders, of one customer or of all."""
    return {"orders": orders_of(shop, _number(query, "customer")) if "customer" in query else latest_orders(shop)}


async def _boxes(query: Query) -> Any:
    units = _number(query, "units")
    if not 0 < units <= _MOST_UNITS:
        raise BadRequest(f"units is a number from 1 to {_MOST_UNITS}.")
    return {"units": units, "boxes": fewest_boxes(units)}


async def _delivery(query: Query) -> Any:
    postcode = query.get("postcode", "")
    if not (len(postcode) == 5 and postcode.isascii() and postcode.isdigit()):
        raise BadRequest("postcode has five digits.")
    return {"postcode": postcode, "cents": await delivery_price(postcode)}


def _number(query: Query, name: str) -> int:
    text = query.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(f"{name} is a number.")
    return int(text)


ROUTES: dict[str, Callable[[Query], Awaitable[Any]]] = {
    "/healthz": _healthz,
    "/orders": _orders,
    "/boxes": _boxes,
    "/delivery": _delivery,
}
