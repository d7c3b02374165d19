"""What rules say when they cannot do something: what it would take, and what works here."""

from agents.llm.rules.text import bullets

QUESTIONS = ("What is overdue?", "What has been stuck longest?", "Summarise this board", "Search for launch", "Calculate 12 * 7")
CHANGES = (
    "Create a card 'Press kit' in To do",
    "Move #3 to Done",
    "Comment on #4: looks good",
    "Tick 'Logo' on the checklist of #3",
    "Delete #17",
)
OFFERS = (*QUESTIONS, *CHANGES)
REFINEMENTS = ("only the overdue cards", "shorter", "as a table")

NEEDS_MODEL = "That needs a language model."


def cannot() -> str:
    """The answer to what rules cannot do."""
    return f"{NEEDS_MODEL} {instead()}"


def instead() -> str:
    """What rules can do, each with a sentence that works."""
    return f"With rules I can:\n\n{_examples()}"


def _examples() -> str:
    named = "A card is named by its number or by its title in quotes; one to delete also by words of its title."
    return f"{bullets(f'“{offer}”' for offer in OFFERS)}\n\n{named}"


def cannot_refine() -> str:
    """The answer to a refinement that rules cannot do."""
    return f"{NEEDS_MODEL} With rules I can rewrite this report:\n\n{bullets(f'“{offer}”' for offer in REFINEMENTS)}"


def nothing_to_refine() -> str:
    """The answer to a refinement of a report in which nothing was found."""
    return f"There is nothing in this report to rewrite. Ask anew, with “Start a new run”. {instead()}"


def fresh() -> str:
    """What is said of what the stored results cannot answer, but the board can."""
    return "A refinement works on the stored results alone. For a fresh look at the board send it with “Start a new run”."


def can() -> str:
    """What rules are good for."""
    return (
        "No language model is configured, so built-in rules answer. They search, count, compare and report on this board, and change it "
        "when told exactly what: create, comment on, move and delete cards, edit checklists. They calculate, look up what was said in work "
        f"sessions, and read a web page when a person lets them. For example:\n\n{_examples()}"
    )
