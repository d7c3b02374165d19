"""Work sessions, runs and what they made in the admin: to be found, read and followed; stopping and retrying are commands."""

from collections.abc import Collection
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from agents.commands import CANCEL_RUN, RETRY_RUN, STOP_SESSION
from agents.models import Agent, AgentOutput, Checkpoint, CheckpointWrite, PerformanceReport, Request, Run, ToolCall
from agents.payloads import CancelRun, RunCommand, StopSession
from agents.staff import WORKFLOWS
from agents.tools.registry import get_tools
from boards.pages import signed_in
from project.errors import AppError
from project.realtime.commands import perform
from project.realtime.logged import LoggedAdmin, link_to, link_to_list
from sessions.models import WorkSession
from sessions.selectors import find_card

Row = TypeVar("Row", bound=Model)


@admin.register(WorkSession)
class WorkSessionAdmin(LoggedAdmin):
    list_display = ("title", "owner", "workflow", "status", "phase", "board_link", "card_link", "created", "contents")
    list_filter = ("status", "phase", "workflow", "created")
    list_select_related = ("owner", "board", "card")
    search_fields = ("title", "owner__username", "board__name", "card__title", "id")
    date_hierarchy = "created"
    readonly_fields = ("contents",)
    actions = ("stop",)

    @admin.display(description="board", ordering="board__name")
    def board_link(self, session: WorkSession) -> str:
        return link_to(session.board)

    @admin.display(description="card", ordering="card__number")
    def card_link(self, session: WorkSession) -> str:
        return link_to(find_card(session))

    @admin.display(description="contents")
    def contents(self, session: WorkSession) -> str:
        """Links to what belongs to the session."""
        return _joined(
            link_to_list("runs", "agents_run", session__id__exact=session.id),
            link_to_list("messages", "work_sessions_message", session__id__exact=session.id),
            link_to_list("requests", "agents_request", session__id__exact=session.id),
            link_to_list("events", "realtime_event", stream__id__exact=session.id),
        )

    @admin.action(description="Stop the selected sessions", permissions=["command"])
    def stop(self, request: HttpRequest, sessions: QuerySet[WorkSession]) -> None:
        for session in sessions:
            _carry_out(self, request, session, STOP_SESSION, acts_for=session.owner, payload=StopSession(), scope=session.id)


@admin.register(Run)
class RunAdmin(LoggedAdmin):
    list_display = ("__str__", "workflow", "status", "agent", "started_by", "attempt", "session_link", "created", "finished", "contents")
    list_filter = ("status", "workflow", "relation", "created")
    list_select_related = ("agent", "started_by", "session")
    search_fields = ("id", "session__title", "session__id", "started_by__username")
    date_hierarchy = "created"
    readonly_fields = ("contents",)
    actions = ("cancel", "retry")

    @admin.display(description="session", ordering="session__title")
    def session_link(self, run: Run) -> str:
        return link_to(run.session)

    @admin.display(description="contents")
    def contents(self, run: Run) -> str:
        """Links to what the run made."""
        return _joined(
            link_to_list("outputs", "agents_agentoutput", run__id__exact=run.id),
            link_to_list("performance", "agents_performancereport", output__run__id__exact=run.id),
            link_to_list("tool calls", "agents_toolcall", run__id__exact=run.id),
            link_to_list("requests", "agents_request", run__id__exact=run.id),
            link_to_list("events", "realtime_event", subject__exact=run.id),
        )

    @admin.action(description="Cancel the selected runs", permissions=["command"])
    def cancel(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        for run in runs:
            _carry_out(self, request, run, CANCEL_RUN, acts_for=run.started_by, payload=CancelRun(run=run.id))

    @admin.action(description="Retry the selected failed or cancelled runs", permissions=["command"])
    def retry(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        for run in runs:
            if run.status == Run.Status.COMPLETED:
                self.message_user(request, f"{run}: it was completed, so there is nothing to retry.", messages.WARNING)
                continue
            _carry_out(self, request, run, RETRY_RUN, acts_for=run.started_by, payload=RunCommand(run=run.id))


class OfRunAdmin(LoggedAdmin):
    """Rows that belong to a run."""

    date_hierarchy: ClassVar[str | None] = "created"
    list_select_related: ClassVar[tuple[str, ...]] = ("run__session",)

    @admin.display(description="run", ordering="run__number")
    def run_link(self, row: Any) -> str:
        return link_to(row.run)

    @admin.display(description="session", ordering="run__session__title")
    def session_link(self, row: Any) -> str:
        return link_to(row.run.session)


@admin.register(AgentOutput)
class AgentOutputAdmin(OfRunAdmin):
    list_display = ("title", "kind", "run_link", "session_link", "created")
    list_filter = ("kind", "created")
    search_fields = ("title", "content", "run__id", "id")


@admin.register(PerformanceReport)
class PerformanceReportAdmin(LoggedAdmin):
    list_display = ("__str__", "passed", "owner", "run_link", "session_link", "page_link", "created")
    list_filter = ("passed", "created", "target")
    list_select_related = ("owner", "output__run__session")
    search_fields = ("target", "owner__username", "output__run__id", "id")
    date_hierarchy = "created"
    exclude = ("report",)
    readonly_fields = ("page_link",)

    @admin.display(description="run", ordering="output__run__number")
    def run_link(self, row: PerformanceReport) -> str:
        return link_to(row.output.run if row.output else None)

    @admin.display(description="session", ordering="output__run__session__title")
    def session_link(self, row: PerformanceReport) -> str:
        return link_to(row.output.run.session if row.output else None)

    @admin.display(description="figures and plots")
    def page_link(self, row: PerformanceReport) -> str:
        """The page shows it to whoever may see it: staff who are no members of its board don't."""
        return format_html('<a href="{}">page</a>', reverse("performance_report", args=[row.pk]))


@admin.register(ToolCall)
class ToolCallAdmin(OfRunAdmin):
    list_display = ("tool_name", "tool_class", "status", "run_link", "session_link", "created", "finished")
    list_filter = ("status", "tool_name", "tool_class", "created")
    search_fields = ("tool_name", "result", "run__id", "id")


@admin.register(Request)
class RequestAdmin(OfRunAdmin):
    list_display = ("title", "kind", "status", "answered_by", "ended", "note", "run_link", "session_link", "expires")
    list_filter = ("status", "kind", "created")
    list_select_related = ("run__session", "answered_by")
    search_fields = ("title", "tool_name", "run__id", "session__id", "id")


@admin.register(Checkpoint)
class CheckpointAdmin(OfRunAdmin):
    list_display = ("checkpoint", "namespace", "run_link", "created")
    list_filter = ("created",)
    search_fields = ("run__id", "checkpoint")
    exclude = ("body",)


@admin.register(CheckpointWrite)
class CheckpointWriteAdmin(OfRunAdmin):
    list_display = ("channel", "task", "checkpoint", "namespace", "run_link")
    list_filter = ("channel",)
    date_hierarchy = None
    search_fields = ("run__id", "checkpoint", "task")
    exclude = ("body",)


class AgentForm(forms.ModelForm[Agent]):
    """Takes what there is: the columns would take any JSON."""

    def clean_workflows(self) -> list[str]:
        return _some_of(WORKFLOWS, self.cleaned_data["workflows"] or [])

    def clean_tools(self) -> list[str] | None:
        tools = self.cleaned_data["tools"]
        return None if tools is None else _some_of(get_tools(), tools)


def _some_of(known: Collection[str], chosen: object) -> list[str]:
    if not isinstance(chosen, list) or any(name not in list(known) for name in chosen):
        raise forms.ValidationError(f"Give a JSON list of some of these: {', '.join(known)}.")
    return chosen


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin[Agent]):
    """What an agent may do is set here; nothing in the log tells of it."""

    form = AgentForm
    list_display = ("user", "workflows", "tools")
    list_filter = ("user__is_active",)
    list_select_related = ("user",)
    search_fields = ("user__username", "instructions")


def _carry_out(page: LoggedAdmin, request: HttpRequest, row: Row, spec: Any, **how: Any) -> None:
    """Perform a command as this administrator, with the rights of whom the row belongs to; say how it went."""
    try:
        perform(spec, actor=signed_in(request), **how)
    except AppError as error:
        page.message_user(request, f"{row}: {error.message}", messages.ERROR)
    else:
        page.message_user(request, f"{row}: done.", messages.SUCCESS)


def _joined(*links: str) -> str:
    return format_html_join(" · ", "{}", ((link,) for link in links))
