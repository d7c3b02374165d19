"""Choosing a recipe: evidence first, then whether the code at that place allows it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from agents.bench.inside import read_inside
from agents.bench.patches import Patch, replacing
from agents.bench.performance.report import Finding
from agents.bench.plain import Plain
from agents.bench.recipes import batch_queries, cache_pure, gather_sends, unblock
from agents.bench.recipes.recipe import Attempt, Place, Recipe, Unreadable

RECIPES: tuple[Recipe, ...] = (gather_sends.RECIPE, batch_queries.RECIPE, unblock.RECIPE, cache_pure.RECIPE)
_ANYWHERE = Place()


class Proposal(Plain):
    """The patch of one recipe, or none (`patch` is None, `recipe` is ""). `reasons` say why recipes that were tried before don't fit."""

    patch: Patch | None = None
    recipe: str = ""
    why: str = ""
    reasons: tuple[str, ...] = ()


def propose(folder: Path, files: Sequence[Path], findings: Sequence[Finding]) -> Proposal:
    """The patch of the first recipe that fits, in the findings' order; `files` are those that may be changed, relative to `folder`.

    A finding's place is looked at first; where it names none, or nothing there is of its kind, all files are.
    """
    texts = {path: text for path in sorted({file.as_posix() for file in files}) if (text := _python(folder, path)) is not None}
    reasons: list[str] = []
    for finding in findings:
        for recipe in RECIPES:
            if finding.kind not in recipe.kinds:
                continue
            changed, done = _try(recipe, finding, texts, reasons)
            if changed:
                return Proposal(
                    patch=replacing(folder, changed), recipe=recipe.name, why=_why(recipe, finding, done), reasons=_once(reasons)
                )
        if not any(finding.kind in recipe.kinds for recipe in RECIPES):
            reasons.append(f"No recipe is for {finding.kind}: {finding.action}")
    return Proposal(reasons=_once(reasons) or ("Nothing was found that a recipe is for.",))


def _try(recipe: Recipe, finding: Finding, texts: dict[str, str], reasons: list[str]) -> tuple[dict[str, str], list[str]]:
    """The new texts by this recipe and what was done; reasons are added where it was refused."""
    for places in _places(finding, texts):
        changed: dict[str, str] = {}
        done: list[str] = []
        refused: list[str] = []
        for path, place in places.items():
            attempt = _attempt(recipe, texts[path], place)
            refused += [f"{recipe.name}: {path}, {each}" for each in attempt.refused]
            done += [f"{path}, {each}" for each in attempt.done]
            if attempt.text != texts[path]:
                changed[path] = attempt.text
        reasons += refused
        if changed or refused:
            return changed, done
    reasons.append(f"{recipe.name}: nothing of this kind in {', '.join(texts) or 'the files that may be changed (none)'}.")
    return {}, []


def _places(finding: Finding, texts: dict[str, str]) -> Iterator[dict[str, Place]]:
    """Where to look, the nearest first."""
    if finding.file in texts and (finding.line is not None or finding.function):
        yield {finding.file: Place(finding.line, finding.function)}
    if finding.file in texts:
        yield {finding.file: _ANYWHERE}
    yield dict.fromkeys(texts, _ANYWHERE)


def _attempt(recipe: Recipe, text: str, place: Place) -> Attempt:
    """One recipe on one text; a file that can't be read is left alone with the reason."""
    try:
        return recipe.attempt(text, place)
    except Unreadable as error:
        return Attempt(text, refused=(f"{error}.",))


def _python(folder: Path, path: str) -> str | None:
    return read_inside(folder, path) if path.endswith(".py") else None


def _why(recipe: Recipe, finding: Finding, done: Sequence[str]) -> str:
    return f"{finding.evidence.rstrip('.')}. {recipe.gain} {'; '.join(done)}."


def _once(reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))
