"""Steps that do something: connect, send, ask over HTTP, leave, wait, name values."""

import asyncio
import base64
import json
from typing import Any

import httpx2

from agents.bench.errors import Failed
from agents.bench.scripts.difference import told
from agents.bench.scripts.paths import NoSuchValue, value_at
from agents.bench.scripts.patterns import differences, filled
from agents.bench.scripts.recorder import StepFailed
from agents.bench.scripts.scene import Scene, Scope
from agents.bench.scripts.steps import Connect, Disconnect, Forget, Pause, Request, Resume, Send, Set, Wait
from agents.bench.scripts.transport import HandshakeRefused

CONNECT_MS, REQUEST_MS = 10_000.0, 30_000.0
"""How long a handshake and an answer may take where the step says nothing of it."""

_MOST_BYTES = 16_000_000
_LONGEST_REASON = 123  # what a control frame holds beside the code


async def connect(scene: Scene, step: Connect, scope: Scope) -> str:
    """Connect, or be refused where that is wanted."""
    name = step.connect
    try:
        client = await scene.connect(step, scope.values, (step.within or CONNECT_MS) / 1000)
    except HandshakeRefused as refused:
        scene.recorder.entry(name, "refused", f"status {refused.status}")
        if step.refused == refused.status:
            return f"refused with status {refused.status}"
        came = [f"status {refused.status}"]
        raise StepFailed(f"{name}: {refused.message}", expected=_handshake(step), came=came, details=refused.details) from refused
    except Failed as failed:
        scene.recorder.entry(name, "refused", failed.message)
        raise
    if step.refused is not None:
        raise StepFailed(f"{name} was let in", expected=_handshake(step), came=["the handshake was accepted"])
    return f"subprotocol {client.subprotocol}" if client.subprotocol else ""


def _handshake(step: Connect) -> str:
    return f"a handshake refused with status {step.refused}" if step.refused is not None else "a handshake accepted"


async def send(scene: Scene, step: Send, scope: Scope) -> str:
    """Send one message."""
    data = _data(step, scope)
    scope.sent_at = scene.recorder.clock()
    scene.recorder.entry(step.send, "sent", data if isinstance(data, str) else f"base64 {step.binary}")
    await scene.clients[step.send].send(data)
    return ""


def _data(step: Send, scope: Scope) -> str | bytes:
    if step.text is not None:
        return scope.values.text(step.text)
    if step.binary is not None:
        return base64.b64decode(step.binary)
    if step.characters is not None:
        return "x" * step.characters
    return json.dumps(scope.values.fill(step.json_), ensure_ascii=False, separators=(",", ":"))


async def disconnect(scene: Scene, step: Disconnect, scope: Scope) -> str:
    """Leave, politely or not."""
    client = scene.clients[step.disconnect]
    if step.is_rude:
        await client.abort()
        return ""
    reason = scope.values.text(step.reason)
    if len(reason.encode(errors="replace")) > _LONGEST_REASON:
        raise Failed(f"{client.name} can't leave with a reason of more than {_LONGEST_REASON} bytes")
    return str(await client.close(step.code, reason))


async def pause(scene: Scene, step: Pause, scope: Scope) -> str:
    """Read no more."""
    scene.clients[step.pause].pause()
    return ""


async def resume(scene: Scene, step: Resume, scope: Scope) -> str:
    """Read on."""
    scene.clients[step.resume].resume()
    return ""


async def forget(scene: Scene, step: Forget, scope: Scope) -> str:
    """Drop what is unread."""
    return f"{scene.clients[step.forget].inbox.clear()} messages"


async def wait(scene: Scene, step: Wait, scope: Scope) -> str:
    """Let time pass."""
    await asyncio.sleep(step.wait / 1000)
    return ""


async def name_values(scene: Scene, step: Set, scope: Scope) -> str:
    """Name values, each in the light of those before it."""
    for name, value in step.set.items():
        scope.values.save({name: scope.values.fill(value)})
    return ""


# -- HTTP ----------------------------------------------------------------------------------------------------------------


async def request(scene: Scene, step: Request, scope: Scope) -> str:
    """Ask, and hold the answer against what is wanted."""
    method, _, url = step.request.partition(" ")
    url = scope.values.text(url)
    scope.sent_at = scene.recorder.clock()
    body = scope.values.fill(step.json_)
    scene.recorder.entry("http", "asked", f"{method} {url}{' ' + json.dumps(body, ensure_ascii=False) if body is not None else ''}")
    within_s = (step.within or REQUEST_MS) / 1000
    try:
        async with asyncio.timeout(within_s):
            status, text = await _answer(scene, step, method, url, scope)
    except TimeoutError as error:
        raise Failed(f"{method} {url}: no answer within {within_s * 1000:.0f} ms") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise Failed(f"{method} {url} can't be asked: {str(error) or type(error).__name__}") from error
    scene.recorder.entry("http", "answered", f"{status} {text}")
    _judge(step, scope, status, text)
    return f"status {status}"


async def _answer(scene: Scene, step: Request, method: str, url: str, scope: Scope) -> tuple[int, str]:
    headers = {name: scope.values.text(value) for name, value in step.headers.items()}
    if step.token is not None:
        headers["Authorization"] = f"Bearer {scope.values.text(step.token)}"
    body: dict[str, Any] = {"json": scope.values.fill(step.json_)} if "json_" in step.model_fields_set else {}
    http, address = await scene.http_for(url)
    async with http.stream(method, address, headers=headers, timeout=None, **body) as answer:
        content = bytearray()
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > _MOST_BYTES:
                raise Failed(f"{method} {url}: an answer of more than {_MOST_BYTES:,} bytes")
        return answer.status_code, content.decode(errors="replace")


def _judge(step: Request, scope: Scope, status: int, text: str) -> None:
    """The status first, then the body, then what is to be kept of it."""
    wanted = f"status {step.status}" if step.status is not None else "a status from 200 to 299"
    if status != step.status if step.status is not None else not 200 <= status <= 299:
        raise StepFailed(f"the answer has status {status}", expected=wanted, came=[f"{status} {text}"])
    if "match" not in step.model_fields_set and not step.save:
        return
    try:
        value = json.loads(text)
    except ValueError:
        raise StepFailed("the answer isn't JSON", expected="JSON", came=[text]) from None
    if "match" in step.model_fields_set and (found := list(differences(filled(step.match, scope.values), value))):
        raise StepFailed("the answer has another body", came=[text], difference=told(found))
    scope.values.save(kept(step.save, value))


def kept(save: dict[str, str], value: Any) -> dict[str, Any]:
    """The values to save of what came. StepFailed where one isn't there."""
    try:
        return {name: value_at(value, path) for name, path in save.items()}
    except NoSuchValue as error:
        raise StepFailed(f"nothing to save: {error}", came=[json.dumps(value, ensure_ascii=False)]) from error
