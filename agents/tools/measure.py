"""The tool that measures a workspace and holds the figures against its budgets."""

from typing import Annotated

from pydantic import Field

from agents.bench.performance.report import Report
from agents.bench.stages import Order, Site, measure
from agents.bench.words import slim_report, tell_verdict
from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.bench_work import TIMEOUT_S, OnWorkspace, at_bench, class_of_call
from agents.tools.lookup import answer


class Arguments(OnWorkspace):
    measurement: Annotated[str, Field(max_length=40, description="One measurement of its bench.yaml; without it all of them.")] | None = (
        None
    )


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    order = Order(stage="measure", only=arguments.measurement or "")

    async def take(site: Site) -> Report:
        return await measure(site, "measure", [], order, lambda line: None)

    report = slim_report(at_bench(context, arguments, take))
    missed = [verdict for verdict in report.verdicts if not verdict.passed]
    summary = tell_verdict(missed[0]).replace("*", "") if missed else f"All {len(report.verdicts)} budgets are met"
    return answer({"workspace": arguments.workspace, "passed": report.passed, **report.model_dump(mode="json")}, summary)


TOOL = Tool(
    name="measure",
    title="Measure performance",
    description=(
        "Measures a workspace's endpoints, broadcasts and functions in a copy of it: latencies, throughput, errors, which budgets are "
        "met, and what was found to be slow. Takes a minute or more."
    ),
    arguments=Arguments,
    tool_class="read",
    class_of_call=class_of_call,
    run=_run,
    timeout_s=TIMEOUT_S,
)
