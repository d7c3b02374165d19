"""Where a scenario may connect that isn't a project's own: to the services it is played against, and to nothing else of the network."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agents.bench.errors import Failed
from agents.bench.scripts.model import Script

# From the first character: whatever follows, no reader of URLs takes it for another host.
_ADDRESS = re.compile(r"(?:(?:http|ws)s?://(127\.0\.0\.1:\d+)|asgi://([\w.]+:[\w.]+))(?=[/?#]|\Z)")


@dataclass(frozen=True)
class Reach:
    """`addresses` as in 127.0.0.1:8000, `applications` as in module:attribute."""

    addresses: frozenset[str]
    applications: frozenset[str]

    def check(self, url: str) -> None:
        """Failed unless the URL leads to one of these."""
        found = _ADDRESS.match(url)
        if found is None or (found[1] not in self.addresses and found[2] not in self.applications):
            known = ", ".join([*sorted(self.addresses), *sorted(self.applications)]) or "none"
            raise Failed(f"{url} is none of the services it is played against: {known}. A scenario that was just written reaches no other.")


def applications_of(scripts: Iterable[Script]) -> frozenset[str]:
    """The applications that these scenarios connect to."""
    found: set[str] = set()
    for script in scripts:
        found |= {client.app for client in script.everybody.values() if client.app is not None}
        addresses = (_ADDRESS.match(address) for address in script.places.values() if address)
        found |= {each[2] for each in addresses if each and each[2]}
    return frozenset(found)
