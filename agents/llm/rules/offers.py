"""What rules say when they cannot do something: what it would take, and three things that work here."""

from agents.llm.rules.text import bullets

OFFERS = ("What is overdue?", "What has been stuck longest?", "Summarise this board")
REFINEMENTS = ("only the overdue cards", "shorter", "as a table")


def cannot() -> str:
    """The answer to what rules cannot do."""
    return f"That needs a language model. With rules I can:\n\n{bullets(f'“{offer}”' for offer in OFFERS)}"


def cannot_refine() -> str:
    """The answer to a refinement that rules cannot do."""
    return f"That needs a language model. With rules I can rewrite this report:\n\n{bullets(f'“{offer}”' for offer in REFINEMENTS)}"


def fresh() -> str:
    """What is said of what the stored results cannot answer, but the board can."""
    return "A refinement works on the stored results alone. For a fresh look at the board send it with “Start a new run”."


def can() -> str:
    """What rules are good for."""
    return (
        "No language model is configured, so built-in rules answer. They search, count, compare and report on this board, and change it "
        "when told exactly what: create, comment on, move and delete cards, edit checklists. They calculate, look up what was said in work "
        "sessions, and read a web page when a person lets them. For example:\n\n"
        + bullets(
            f"“{example}”" for example in (*OFFERS, "Search for launch", "Move #3 to Done", "Comment on #4: looks good", "Calculate 12 * 7")
        )
    )
