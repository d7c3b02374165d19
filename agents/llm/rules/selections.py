"""Parts of stored results, each of which can be written out whole, as a table, or short."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.llm.rules.cards import Line, read_lines
from agents.llm.rules.cards import table as card_table
from agents.llm.rules.offers import fresh
from agents.llm.rules.reporter import KEY_FINDINGS, findings
from agents.llm.rules.sections import Result
from agents.llm.rules.series_report import COMPARED, Figures, key_findings, read_figures, without_source
from agents.llm.rules.series_report import table as figures_table
from agents.llm.rules.text import bullets, inline, join, sentence

# What makes a single figure easier to judge.
_AROUND = (("Lowest", "its lowest value was"), ("Highest", "its highest"), ("Deepest fall", "the deepest fall from a peak"))


class Selection(Protocol):
    """What a refined report is about."""

    @property
    def title(self) -> str: ...

    def whole(self) -> str: ...

    def table(self) -> str: ...

    def short(self) -> str: ...


@dataclass(frozen=True)
class FigureSelection:
    """Some series, some measures of them."""

    figures: Sequence[Figures]
    measures: Sequence[str]
    sources: Sequence[str]

    @property
    def title(self) -> str:
        measures = "" if len(self.measures) == len(COMPARED) else join([measure.lower() for measure in self.measures])
        names = join([inline(each.name) for each in self.figures])
        return f"{names}: {measures}" if measures else names

    def whole(self) -> str:
        return "\n\n".join(part for part in (self._sentences(), self.table()) if part)

    def table(self) -> str:
        return "\n\n".join([figures_table(self.figures, self.measures), *self.sources])

    def short(self) -> str:
        return self._sentences()

    def _sentences(self) -> str:
        if len(self.figures) == 1:
            return self._sentence(self.figures[0])
        return bullets(key_findings(self.figures, self.measures) or [self._sentence(each) for each in self.figures])

    def _sentence(self, each: Figures) -> str:
        cells = [f"{measure.lower()} {each.cells[measure]}" for measure in self.measures if measure in each.cells]
        around = [f"{words} {each.cells[measure]}" for measure, words in _AROUND if measure in each.cells and measure not in self.measures]
        return f"**{inline(each.name)}: {join(cells)}.**" + (f" {sentence(join(around))}" if around else "")


@dataclass(frozen=True)
class CardSelection:
    """Some of the cards that the results name, and what they have in common."""

    lines: Sequence[Line]
    what: str

    @property
    def title(self) -> str:
        return f"Cards {self.what}"

    def whole(self) -> str:
        return f"{self._headline()}\n\n" + "\n".join(line.text for line in self.lines) if self.lines else self._headline()

    def table(self) -> str:
        return f"{self._headline()}\n\n{card_table(self.lines)}" if self.lines else self._headline()

    def short(self) -> str:
        return f"{self._headline()} {join([line.link for line in self.lines])}".strip()

    def _headline(self) -> str:
        if not self.lines:
            return f"**No card in the stored results is {self.what}.** {fresh()}"
        return f"**{len(self.lines)} {'card is' if len(self.lines) == 1 else 'cards are'} {self.what}.**"


@dataclass(frozen=True)
class ResultSelection:
    """Some of the results, or all of them."""

    results: Sequence[Result]
    sources: Sequence[str]
    title: str

    def whole(self) -> str:
        top = [f"## {KEY_FINDINGS}\n\n{bullets(findings(self.results))}"] if len(self.results) > 1 else []
        return "\n\n".join([*top, *(self._section(result, without_source(result.content)) for result in self.results), *self.sources])

    def table(self) -> str:
        figures = [each for result in self.results for each in read_figures(result.content)]
        if figures:
            return FigureSelection(figures, COMPARED, self.sources).table()
        return "\n\n".join(self._section(result, _as_table(result)) for result in self.results)

    def short(self) -> str:
        figures = [each for result in self.results for each in read_figures(result.content)]
        return bullets(key_findings(figures) or findings(self.results))

    def _section(self, result: Result, text: str) -> str:
        return f"## {inline(result.title)}\n\n{text}" if result.title and len(self.results) > 1 else text


def _as_table(result: Result) -> str:
    """The cards of a result as a table under its finding; a result without cards as it is."""
    lines = read_lines(result.content)
    return f"{result.content.splitlines()[0]}\n\n{card_table(lines)}" if lines else result.content
