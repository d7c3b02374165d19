"""The cards of the demo board: a small team two weeks before the launch of its shop. Days are counted from the day the demo is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

TODO, PROGRESS, REVIEW, DONE = "To do", "In progress", "Review", "Done"
TICKED = "[x] "


@dataclass(frozen=True)
class Seed:
    """One card. `way` are the columns it goes through after To do; comments are (who, what); `[x]` marks a ticked item."""

    title: str
    way: Sequence[str] = ()
    assignee: str | None = None
    due_in: int | None = None
    labels: Sequence[str] = ()
    description: str = ""
    checklist: Sequence[str] = ()
    comments: Sequence[tuple[str, str]] = ()
    by: str = "alice"


_APPLE = (182.4, 188.1, 185.0, 191.7, 187.3, 195.2, 201.8, 198.4, 207.9, 211.3, 208.6, 216.2)
_GOOGLE = (138.9, 141.2, 139.5, 147.8, 152.6, 150.1, 155.7, 161.3, 158.8, 164.9, 171.4, 168.2)
_TESLA = (242.0, 221.5, 258.3, 231.7, 265.9, 238.2, 281.4, 249.6, 302.8, 268.1, 312.5, 287.7)


def price_table(today: date) -> str:
    """Sample prices of three companies for the twelve months before this one."""
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(len(_APPLE), 0, -1)]
    rows = [
        f"| {year}-{month + 1:02} | {apple:.2f} | {google:.2f} | {tesla:.2f} |"
        for (year, month), apple, google, tesla in zip(months, _APPLE, _GOOGLE, _TESLA, strict=True)
    ]
    intro = "**Sample data**, made up for this demo: no real share prices. Month-end prices in US dollars."
    return "\n".join([intro, "", "| Month | Apple | Google | Tesla |", "|---|---:|---:|---:|", *rows])


PRICES_TITLE = "Compare three share prices for the investor page (sample data)"

SEEDS: Sequence[Seed] = (
    # Finished first, so that the numbers tell the story in order.
    Seed(
        "Choose a name for the shop", (PROGRESS, DONE), "alice", -20, ["brand"], comments=[("bob", "The short one. It fits on the parcel.")]
    ),
    Seed("Register the domain", (DONE,), "bob", -18, ["website"]),
    Seed(
        "Set up payments",
        (PROGRESS, REVIEW, DONE),
        "bob",
        -6,
        ["website", "finance"],
        "Cards and bank transfer. Test orders must be refundable from the admin page.",
        ["[x] Open the merchant account", "[x] Try a card", "[x] Try a refund"],
        [("bob", "A refund takes two days to show up, that's normal."), ("alice", "Good enough for the launch.")],
    ),
    Seed("Photograph the first twelve products", (PROGRESS, DONE), "alice", -4, ["content"]),
    Seed("Print parcel labels", (DONE,), None, -2, ["shipping"], by="bob"),
    # Review is exactly full: three of three.
    Seed(
        "Landing page",
        (PROGRESS, REVIEW),
        "bob",
        0,
        ["website", "design"],
        "One screen: what we sell, for whom, and a button. Must be readable on a phone in the sun.",
        ["[x] Text", "[x] Picture", "[x] Button", "Check on a small phone"],
        [("alice", "The button is below the fold on my phone."), ("bob", "Fixed, please look again.")],
    ),
    Seed(
        "Terms of sale",
        (PROGRESS, REVIEW),
        "alice",
        -3,
        ["legal"],
        "Based on the chamber's template. The part on returns needs a second pair of eyes.",
        comments=[("bob", "Returns look fine to me. Is fourteen days enough for gifts?")],
    ),
    Seed("Newsletter sign-up form", (REVIEW,), "bob", 2, ["website", "marketing"], by="bob"),
    Seed(
        "Write the launch announcement",
        (PROGRESS,),
        "alice",
        1,
        ["marketing", "content"],
        "For the newsletter and the front page. Half a page, no superlatives.",
        ["[x] Collect three facts", "First draft", "Let Bob read it"],
        [("alice", "Facts: twelve products, two people, one city.")],
    ),
    Seed(
        "Shipping rates for abroad",
        (PROGRESS,),
        "bob",
        -1,
        ["shipping", "finance"],
        "Two zones are enough for the start.",
        comments=[("bob", "Waiting for the carrier's offer since Monday.")],
        by="bob",
    ),
    Seed("Speed up the product page on mobile", (PROGRESS,), "bob", 6, ["website"], "The pictures are four times larger than shown."),
    Seed("Answer the five questions from the press", (PROGRESS,), None, 3, ["press"]),
    Seed(
        PRICES_TITLE,
        assignee="alice",
        due_in=9,
        labels=["finance", "research"],
        comments=[("alice", "Hand this to the agents: how did the three do over the last months, and which moved most?")],
    ),
    Seed(
        "Launch-day checklist",
        assignee="alice",
        due_in=10,
        labels=["launch"],
        checklist=["Open the shop", "Send the newsletter", "Watch the orders", "Answer the first mails", "Cake"],
    ),
    Seed("Invite twenty test customers", assignee="bob", due_in=4, labels=["marketing"], description="Friends of friends, no family."),
    Seed("Reply template for late parcels", labels=["support"], due_in=-2, by="bob"),
    Seed("Old banner", labels=["design"], description="The banner of the first mock-up. Nobody uses it any more; it can be deleted."),
    Seed("Price list for shops that resell", due_in=14, labels=["finance"]),
    Seed("Photo release for the customer wall", assignee="alice", due_in=8, labels=["legal", "content"]),
    Seed("Talk to the corner café about a shelf", labels=["marketing"], comments=[("bob", "They asked for a sample box.")], by="bob"),
)
