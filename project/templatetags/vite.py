"""Links a page to the built front end through Vite's manifest, and says in the page when it was never built."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

Manifest = dict[str, dict[str, object]]


def manifest_path() -> Path:
    """Where `npm run build` leaves the manifest."""
    return Path(settings.WORKROOM_FRONTEND) / ".vite" / "manifest.json"


@lru_cache(maxsize=2)
def _load(path: Path, _mtime_ns: int) -> Manifest:
    loaded: Manifest = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _manifest() -> Manifest | None:
    path = manifest_path()
    try:
        return _load(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def _names(chunk: dict[str, object], key: str) -> list[str]:
    value = chunk.get(key)
    return [str(name) for name in value] if isinstance(value, list) else []


def _chunks(manifest: Manifest, name: str, seen: set[str]) -> Iterator[dict[str, object]]:
    """Every chunk `name` imports statically, deepest first, then its own."""
    if name in seen:
        return
    seen.add(name)
    chunk = manifest[name]
    for imported in _names(chunk, "imports"):
        yield from _chunks(manifest, imported, seen)
    yield chunk


@register.simple_tag
def vite(entry: str) -> SafeString:
    """Link and script tags of one entry, for the head; nothing when the front end isn't built."""
    manifest = _manifest()
    if manifest is None or entry not in manifest:
        return SafeString("")
    chunks = list(_chunks(manifest, entry, set()))
    styles = dict.fromkeys(sheet for chunk in chunks for sheet in _names(chunk, "css"))
    preloads = [str(chunk["file"]) for chunk in chunks[:-1]]
    return SafeString(
        format_html_join("", '<link rel="stylesheet" href="{}">', ((_url(sheet),) for sheet in styles))
        + format_html_join("", '<link rel="modulepreload" href="{}">', ((_url(file),) for file in preloads))
        + format_html('<script type="module" src="{}"></script>', _url(str(manifest[entry]["file"])))
    )


@register.simple_tag
def vite_missing() -> SafeString:
    """A banner that names the command, when the front end isn't built; otherwise nothing."""
    if _manifest() is not None:
        return SafeString("")
    return format_html(
        '<p role="alert"><strong>{}</strong> {} <code>make setup</code>, {}</p>',
        "The pages are not built yet.",
        "Run",
        "then reload. The admin, the REST API and the sockets work without it.",
    )


def _url(file: str) -> str:
    return static(f"dist/{file}")
