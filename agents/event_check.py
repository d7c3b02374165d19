"""The page that checks events: of a work session, or of a stream from anywhere as JSON lines. It needs no script."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from agents.contract.validator import EventReport, validate_lines
from agents.event_report import count_report, report_on_session
from boards.pages import signed_in
from project.accounts.profile import page_data
from project.errors import NotFound, RateLimited
from project.wire import parse_id
from sessions.access import visible_sessions

MOST_BYTES = 2 * 1024 * 1024
MOST_LINES = 20_000
_SESSIONS_OFFERED = 50


class LinesForm(forms.Form):
    """A stream, pasted or as a file."""

    lines = forms.CharField(
        required=False, strip=False, label="JSON lines", widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "input"})
    )
    file = forms.FileField(required=False, label="or a file", allow_empty_file=True)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        uploaded: UploadedFile[bytes] | None = cleaned.get("file")
        text = cleaned.get("lines") or ""
        if uploaded is not None:
            if (uploaded.size or 0) > MOST_BYTES:
                raise forms.ValidationError(f"This file is too large: at most {MOST_BYTES // 1024:,} KiB are checked at once.")
            text = uploaded.read().decode("utf-8", errors="replace")
        lines = text.splitlines()
        if not any(line.strip() for line in lines):
            raise forms.ValidationError("Paste some lines, or choose a file.")
        if len(lines) > MOST_LINES or len(text) > MOST_BYTES:
            raise forms.ValidationError(f"That's too much: at most {MOST_LINES:,} lines are checked at once.")
        return {**cleaned, "given": lines}


@method_decorator(never_cache, name="dispatch")
class EventCheckPage(LoginRequiredMixin, View):
    """GET checks the work session the address names, if it names one; POST checks lines."""

    def get(self, request: HttpRequest) -> HttpResponse:
        named = request.GET.get("session")
        if not named:
            return self.show(request, LinesForm())
        session_id = parse_id(named)
        try:
            if session_id is None:
                raise NotFound
            report = report_on_session(signed_in(request), session_id)
        except NotFound as error:
            raise Http404 from error
        except RateLimited as limit:
            return self.refuse(request, LinesForm(), limit)
        return self.show(request, LinesForm(), report, session_id)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LinesForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(request, form, status=400)
        try:
            count_report(signed_in(request))
        except RateLimited as limit:
            return self.refuse(request, form, limit)
        return self.show(request, form, validate_lines(form.cleaned_data["given"]))

    def refuse(self, request: HttpRequest, form: LinesForm, limit: RateLimited) -> HttpResponse:
        """The page, which says how long to wait."""
        page = self.show(request, form, refusal=limit.message, status=429)
        page["Retry-After"] = str(limit.retry_after_s)
        return page

    def show(
        self,
        request: HttpRequest,
        form: LinesForm,
        report: EventReport | None = None,
        session_id: UUID | None = None,
        *,
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """The page, with a report or the refusal of one."""
        sessions = visible_sessions(signed_in(request)).order_by("-created", "-id")
        context = {
            "form": form,
            "report": report,
            "refusal": refusal,
            "chosen": session_id,
            "sessions": sessions[:_SESSIONS_OFFERED],
            "page_data": page_data(request),
        }
        return render(request, "agents/check_events.html", context, status=status)
