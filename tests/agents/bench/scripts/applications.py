"""ASGI applications for tests of the in-process transport: one of each behaviour."""

from agents.bench.scripts.asgi import Message, Receive, Send

started: list[str] = []
left: list[int] = []
no_application = 5


async def echo(scope: Message, receive: Receive, send: Send) -> None:
    """Takes the first subprotocol, sends everything back, and closes with 1009 above a million bytes, as real servers do."""
    if scope["type"] != "websocket":
        raise NotImplementedError(scope["type"])
    await receive()
    await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
    while (message := await receive())["type"] == "websocket.receive":
        if len(message.get("text") or message.get("bytes") or "") > 1_048_576:
            await send({"type": "websocket.close", "code": 1009})
            return
        await send({"type": "websocket.send", **{key: message[key] for key in ("text", "bytes") if key in message}})


async def tell_scope(scope: Message, receive: Receive, send: Send) -> None:
    """Says what it was told of the connection."""
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    await send({"type": "websocket.accept"})
    told = {"path": scope["path"], "query": scope["query_string"].decode(), "headers": headers}
    await send({"type": "websocket.send", "text": str(told)})
    await receive()
    await receive()


async def refuse(scope: Message, receive: Receive, send: Send) -> None:
    """Closes before it accepts."""
    await send({"type": "websocket.close", "code": 4501})


async def deny(scope: Message, receive: Receive, send: Send) -> None:
    """Answers the handshake with a status of its own."""
    await send({"type": "websocket.http.response.start", "status": 429, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"later"})


async def mute(scope: Message, receive: Receive, send: Send) -> None:
    """Neither accepts nor refuses."""
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def close_soon(scope: Message, receive: Receive, send: Send) -> None:
    """Closes with a reason."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4002, "reason": "too slow"})


async def close_and_wait(scope: Message, receive: Receive, send: Send) -> None:
    """Closes, and does what is to be done once the client has gone, as consumers of Channels do."""
    await close_soon(scope, receive, send)
    while (message := await receive())["type"] != "websocket.disconnect":
        pass
    left.append(message["code"])


async def close_and_stay(scope: Message, receive: Receive, send: Send) -> None:
    """Closes, and never ends."""
    await close_soon(scope, receive, send)
    while True:
        await receive()


async def return_soon(scope: Message, receive: Receive, send: Send) -> None:
    """Forgets to close."""
    await send({"type": "websocket.accept"})


async def raise_soon(scope: Message, receive: Receive, send: Send) -> None:
    """Has a defect."""
    await send({"type": "websocket.accept"})
    raise ZeroDivisionError("oops")


async def flood(scope: Message, receive: Receive, send: Send) -> None:
    """Sends without end."""
    await send({"type": "websocket.accept"})
    while True:
        await send({"type": "websocket.send", "text": "x" * 100})


async def stubborn(scope: Message, receive: Receive, send: Send) -> None:
    """Doesn't listen when it is told that the client has gone."""
    await send({"type": "websocket.accept"})
    while True:
        await receive()


async def with_life(scope: Message, receive: Receive, send: Send) -> None:
    """Has a lifespan, and answers HTTP."""
    if scope["type"] == "lifespan":
        for what in ("startup", "shutdown"):
            await receive()
            started.append(what)
            await send({"type": f"lifespan.{what}.complete"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"id": 7, "path": "' + scope["raw_path"] + b'"}'})
    else:
        await echo(scope, receive, send)


async def stillborn(scope: Message, receive: Receive, send: Send) -> None:
    """Can't be started."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def bad_ending(scope: Message, receive: Receive, send: Send) -> None:
    """Starts, and fails to end."""
    if scope["type"] != "lifespan":
        await echo(scope, receive, send)
        return
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "still busy"})
