"""The tool that fetches a page of the open internet. A host that isn't on the installation's list needs a person's approval."""

from typing import Annotated

from django.conf import settings
from pydantic import AfterValidator, Field

from agents.tools.base import Tool, ToolClass, ToolContext, ToolResult
from agents.tools.lookup import answer
from agents.web.addresses import AddressRefused, parse_address
from agents.web.client import Fetcher, FetchFailed
from agents.web.pages import read_page
from project.errors import Forbidden
from project.wire import Payload


def _fetchable(url: str) -> str:
    try:
        parse_address(url)
    except AddressRefused as error:
        raise ValueError(error.message) from error
    return url


class Arguments(Payload):
    url: Annotated[str, AfterValidator(_fetchable), Field(max_length=2_000, description="An http or https address, ports 80 and 443 only.")]


def allowed_hosts() -> frozenset[str]:
    """The hosts that may be fetched from without asking anybody (WORKROOM_FETCH_HOSTS)."""
    return frozenset(settings.WORKROOM_FETCH_HOSTS)


def _class_of_call(context: ToolContext, arguments: Arguments) -> ToolClass:
    del context
    return "read" if parse_address(arguments.url).host in allowed_hosts() else "unsafe"


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    address = parse_address(arguments.url)
    if address.host not in allowed_hosts() and context.approver is None:
        raise Forbidden(f"Nobody has allowed fetching from {address.host}.")
    page = make_fetcher().fetch(address, allowed_hosts() | {address.host})
    if not 200 <= page.status < 300:
        raise FetchFailed(f"{address.host} answered {page.status}.")
    title, text, is_cut = read_page(page)
    data = {"url": page.url, "content_type": page.content_type, "title": title, "is_cut": is_cut, "text": text}
    return answer(data, f"{title or address.host}, {len(text):,} characters{' and more' if is_cut else ''}")


make_fetcher = Fetcher
"""How the tool gets its fetcher; tests put one with a resolver of their own here."""

TOOL = Tool(
    name="fetch_url",
    title="Fetch a web page",
    description="The text of a web page on the open internet. People are asked first unless its host is on the installation's list.",
    arguments=Arguments,
    tool_class="unsafe",
    class_of_call=_class_of_call,
    run=_run,
)
