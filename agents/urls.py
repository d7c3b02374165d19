"""Addresses of runs, requests and agents, and of sessions where runs are started, stopped or shown."""

from django.urls import URLPattern, path

from agents import api, event_check, event_report, inbox_api, pages, performance_api, performance_page, workspaces_api

api_urlpatterns: list[URLPattern] = [
    path("sessions/<uuid:session_id>/", api.SessionView.as_view()),
    path("sessions/<uuid:session_id>/stop/", api.StopSessionView.as_view()),
    path("sessions/<uuid:session_id>/snapshot/", api.SessionSnapshotView.as_view()),
    path("sessions/<uuid:session_id>/event-report/", event_report.EventReportView.as_view()),
    path("sessions/<uuid:session_id>/messages/", api.MessageListView.as_view()),
    path("cards/<uuid:card_id>/hand-over/", api.HandOverView.as_view()),
    path("runs/", api.RunListView.as_view()),
    path("runs/<uuid:run_id>/", api.RunView.as_view()),
    path("runs/<uuid:run_id>/cancel/", api.CancelRunView.as_view()),
    path("runs/<uuid:run_id>/retry/", api.RetryRunView.as_view()),
    path("requests/", api.RequestListView.as_view()),
    path("requests/<uuid:request_id>/answer/", api.AnswerRequestView.as_view()),
    path("inbox/", inbox_api.InboxView.as_view()),
    path("inbox/count/", inbox_api.WaitingView.as_view()),
    path("agents/", api.AgentListView.as_view()),
    path("event-types/", api.EventTypeListView.as_view()),
    path("outputs/<uuid:output_id>/", api.OutputView.as_view()),
    path("performance/", performance_api.ReportListView.as_view()),
    path("performance/<uuid:report_id>/", performance_api.ReportView.as_view()),
    path("workspaces/", workspaces_api.WorkspaceListView.as_view()),
    path("tool-calls/<uuid:call_id>/", api.ToolCallView.as_view()),
]

page_urlpatterns: list[URLPattern] = [
    path("sessions/<uuid:session_id>/", pages.RoomPage.as_view(), name="room"),
    path("verify/", event_check.EventCheckPage.as_view(), name="check_events"),
    path("inbox/", pages.InboxPage.as_view(), name="inbox"),
    path("performance/", performance_page.PerformanceListPage.as_view(), name="performance"),
    path("performance/<uuid:report_id>/", performance_page.PerformanceReportPage.as_view(), name="performance_report"),
    path("performance/<uuid:before_id>/compare/<uuid:after_id>/", performance_page.PerformanceComparisonPage.as_view()),
    path("console/", pages.ConsolePage.as_view(), name="console"),
]
