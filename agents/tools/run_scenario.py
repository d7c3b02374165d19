"""The tool that plays a scenario, one of a workspace's own or one that was just written, against the workspace's services."""

from typing import Annotated

from pydantic import Field

from agents.bench.loop import Checks
from agents.bench.stages import Order, Site, check
from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.bench_work import TIMEOUT_S, OnWorkspace, at_bench, class_of_call
from agents.tools.lookup import answer

_OWN = "scenario"


class Arguments(OnWorkspace):
    scenario: (
        Annotated[
            str,
            Field(max_length=50_000, description="A scenario file of the project, such as scenarios/order.ws.yaml, or a scenario as YAML."),
        ]
        | None
    ) = None


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scenario = arguments.scenario or ""
    is_text = "\n" in scenario.strip()
    order = Order(stage="test", extra={_OWN: scenario} if is_text else {}, only=_OWN if is_text else scenario)

    async def play(site: Site) -> Checks:
        return await check(site, "test", [], order, lambda line: None)

    checks = at_bench(context, arguments, play)
    failed = [each.name for each in checks.played if not each.passed]
    summary = f"{len(checks.played) - len(failed)} of {len(checks.played)} passed" + (f", failed: {', '.join(failed)}" if failed else "")
    data = {"workspace": arguments.workspace, "passed": checks.passed, **checks.model_dump(mode="json")}
    return answer(data, summary)


TOOL = Tool(
    name="run_scenario",
    title="Play a scenario",
    description=(
        "Plays WebSocket scenarios against the services of a workspace, in a copy of it: which steps passed, and what came instead. "
        "Without a scenario all of the project's, and its tests."
    ),
    arguments=Arguments,
    tool_class="read",
    class_of_call=class_of_call,
    run=_run,
    timeout_s=TIMEOUT_S,
)
