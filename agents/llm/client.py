"""The connection to a model provider: one client per address and key and event loop, deadlines, and failures by name.

The client's library takes 0.7 s to import (measured November 2026), so that happens on a thread, and only where a model is configured.
"""

import asyncio
import importlib
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import httpx2

from agents.llm.errors import (
    BrokenAnswer,
    ModelBusy,
    ModelContextFull,
    ModelError,
    ModelKeyRefused,
    ModelQuota,
    ModelTimeout,
    ModelTrouble,
    ModelUnknown,
    ModelUnreachable,
)
from agents.llm.profiles import Profile
from agents.llm.refusals import note_refused, note_taken
from project.limits import limits

if TYPE_CHECKING:
    from openai import APIError, APIStatusError, AsyncOpenAI

    Clients = dict[tuple[str, str], AsyncOpenAI]

_MOST_SAID = 300
_NOT_AUTHENTICATED = 401
# What providers call a request that is too long: OpenAI's code, and the words of vLLM, llama.cpp, Anthropic and Ollama.
_TOO_LONG = ("context_length", "context length", "context window", "maximum context", "prompt is too long", "context size")

_clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, Clients]" = WeakKeyDictionary()


def _library() -> Any:
    return importlib.import_module("openai")


async def get_client(profile: Profile) -> "AsyncOpenAI":
    """The client for this address and key, opened by the first who needs it."""
    openai = await asyncio.to_thread(_library)
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    key = (profile.base_url, profile.api_key)
    if key not in clients:
        # Deadlines are ours (below), and so is trying again: a turn tells the room about it.
        timeout = httpx2.Timeout(None, connect=limits().model_connect_s, pool=None)
        clients[key] = openai.AsyncOpenAI(base_url=profile.base_url, api_key=profile.api_key or "none", max_retries=0, timeout=timeout)
    return clients[key]


async def warm(profiles: Iterable[Profile]) -> None:
    """Open the clients of these profiles, so that the first message finds them open. Nothing is sent."""
    for profile in profiles:
        await get_client(profile)


async def close_clients() -> None:
    """Close this event loop's connections to providers."""
    for client in _clients.pop(asyncio.get_running_loop(), {}).values():
        await client.close()


async def ask(profile: Profile, body: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
    """The chunks of the answer to `body`. Raises ModelError; what may pass is a ModelTrouble."""
    client = await get_client(profile)
    deadline = asyncio.get_running_loop().time() + limits().model_first_s
    stream: Any = None
    try:
        async with asyncio.timeout_at(deadline):
            stream = await client.chat.completions.create(**body, stream=True)
        note_taken(profile)
        async with aclosing(_each(stream, deadline)) as chunks:
            async for chunk in chunks:
                yield chunk
    except Exception as error:
        failure = _name_failure(error, profile, has_begun=stream is not None)
        # Not 403, which may be about what was asked: whoever asks it would have the agent called unavailable.
        if getattr(error, "status_code", None) == _NOT_AUTHENTICATED:
            note_refused(profile)
        if failure is None:
            raise
        raise failure from error
    finally:
        if stream is not None:
            await stream.close()


async def _each(stream: Any, deadline: float) -> AsyncGenerator[Mapping[str, Any], None]:
    """The stream's chunks: the first by the deadline, each later one in time after the one before."""
    loop, chunks = asyncio.get_running_loop(), aiter(stream)
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        yield chunk.to_dict(warnings=False) if hasattr(chunk, "to_dict") else {}
        deadline = loop.time() + limits().model_gap_s


def _name_failure(error: Exception, profile: Profile, *, has_begun: bool) -> ModelError | None:
    """The named reason for what the client raised; None when it is no failure of the provider."""
    openai = _library()
    if isinstance(error, TimeoutError | openai.APITimeoutError | httpx2.TimeoutException):
        return ModelTimeout(f"{_host(profile)} took too long to answer.")
    if isinstance(error, openai.APIConnectionError) and not has_begun:
        return ModelUnreachable(f"{_host(profile)} can't be reached.")
    if isinstance(error, openai.APIStatusError):
        return _name_status(error, profile)
    # The connection's end amid the answer, or a chunk that is no JSON or no UTF-8, which is no APIError.
    if isinstance(error, openai.APIConnectionError | json.JSONDecodeError | UnicodeDecodeError | httpx2.HTTPError):
        return BrokenAnswer()
    return _name_told(error, profile) if isinstance(error, openai.APIError) else None


def _name_status(error: "APIStatusError", profile: Profile) -> ModelError:
    """The reason for an answer with an error's status."""
    said, code = _what_it_says(error), str(error.code or "")
    message = f"{_host(profile)} answered {error.status_code}: {said}"
    if error.status_code == 402 or code == "insufficient_quota":
        return ModelQuota(message)
    if any(words in f"{code} {said}".lower() for words in _TOO_LONG):
        return ModelContextFull(message)
    if error.status_code == 404:
        return ModelUnknown(f"{_host(profile)} does not know the model {profile.model}: {said}")
    if error.status_code >= 500 or error.status_code in _TROUBLES:
        return _TROUBLES.get(error.status_code, ModelTrouble)(message, retry_after_s=_retry_after(error.response.headers))
    return _REFUSALS.get(error.status_code, ModelError)(message)


_TROUBLES: Mapping[int, Callable[..., ModelError]] = {408: ModelTimeout, 409: ModelTrouble, 429: ModelBusy, 504: ModelTimeout}
_REFUSALS: Mapping[int, Callable[..., ModelError]] = {401: ModelKeyRefused, 403: ModelKeyRefused}


def _name_told(error: "APIError", profile: Profile) -> ModelError:
    """The reason for an error that came inside the stream; its code is often a status."""
    said, code = _what_it_says(error), str(error.code or "")
    kind = ModelBusy if code in {"429", "rate_limit_exceeded"} else ModelTrouble
    return kind(f"{_host(profile)} broke off: {said}")


def _what_it_says(error: "APIError") -> str:
    body = error.body if isinstance(error.body, dict) else {}
    said = body.get("message") or error.message
    return " ".join(str(said).split())[:_MOST_SAID]


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """The seconds a provider asks to wait, given as a number or a date."""
    value = headers.get("retry-after", "")
    try:
        return ceil(float(value)) if value.replace(".", "", 1).isdigit() else _until(value)
    except (ValueError, OverflowError):
        return None


def _until(date: str) -> int:
    moment = parsedate_to_datetime(date)
    # One that names no zone is in UTC, as all dates of HTTP are.
    return max(0, round((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()))


def _host(profile: Profile) -> str:
    return httpx2.URL(profile.base_url).host
