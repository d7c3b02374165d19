"""Packing: how many boxes an order needs."""

SIZES = (1, 4, 9, 16, 25)


def fewest_boxes(units: int) -> int:
    """The fewest boxes of the shop's sizes that hold exactly so many units."""
    if units == 0:
        return 0
    return 1 + min(fewest_boxes(units - size) for size in SIZES if size <= units)
