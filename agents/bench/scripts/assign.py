"""Which item answers which wish, each item at most one of them."""

from collections.abc import Callable, Sequence


def assign(wishes: int, items: int, fits: Callable[[int, int], bool]) -> Sequence[int | None]:
    """For each wish the index of its item, None where no way is left; as many wishes as can be, earlier items first.

    A wish gives its item up to another where it fits a further one (Kuhn's algorithm), so the order of wishes decides nothing.
    """
    holder: dict[int, int] = {}
    fitting = [[item for item in range(items) if fits(wish, item)] for wish in range(wishes)]

    def place(wish: int, tried: set[int]) -> bool:
        for item in sorted(fitting[wish], key=holder.__contains__):  # those that are free first
            if item in tried:
                continue
            tried.add(item)
            if item not in holder or place(holder[item], tried):
                holder[item] = wish
                return True
        return False

    for wish in range(wishes):
        place(wish, set())
    item_of = {wish: item for item, wish in holder.items()}
    return [item_of.get(wish) for wish in range(wishes)]
