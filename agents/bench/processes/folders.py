"""Working folders: inside what is allowed, wherever links lead."""

from collections.abc import Sequence
from pathlib import Path

from agents.bench.errors import Refused


def resolve_inside(folder: Path, base: Path, allowed: Sequence[Path]) -> Path:
    """The real path of `folder`, taken from `base`. Refused: it is no folder, or isn't inside one of `allowed`."""
    wanted = base / folder
    try:
        real = wanted.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise Refused(f"The folder {wanted} can't be used: {getattr(error, 'strerror', None) or error}.") from error
    if not real.is_dir():
        raise Refused(f"{wanted} isn't a folder.")
    if not any(real.is_relative_to(each.resolve()) for each in allowed):
        inside = ", ".join(str(each) for each in allowed)
        leads = f" (it leads to {real})" if real != wanted else ""
        raise Refused(f"The folder {wanted}{leads} is outside of what is allowed: {inside}.")
    return real
