"""Every HTTP address: the API under /api/, the pages, the admin, and the health checks."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.csrf import requires_csrf_token

import agents.urls
import boards.urls
import project.accounts.urls
import sessions.urls
from project.errors import Internal, NotFound
from project.health import healthz, readyz
from project.realtime import reference
from project.realtime.sse import error_response

api_urlpatterns = [
    *project.accounts.urls.api_urlpatterns,
    *boards.urls.api_urlpatterns,
    *sessions.urls.api_urlpatterns,
    *agents.urls.api_urlpatterns,
    *reference.api_urlpatterns,
]

urlpatterns = [
    path("api/", include(api_urlpatterns)),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    *project.accounts.urls.page_urlpatterns,
    *boards.urls.page_urlpatterns,
    *sessions.urls.page_urlpatterns,
    *agents.urls.page_urlpatterns,
]


@requires_csrf_token
def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page with a way out, or the error object under /api/."""
    del exception
    if request.path.startswith("/api/"):
        return error_response(NotFound())
    return render(request, "404.html", status=404)


@requires_csrf_token
def handler500(request: HttpRequest) -> HttpResponse:
    """The same for a defect outside REST views."""
    if request.path.startswith("/api/"):
        return error_response(Internal())
    return render(request, "500.html", status=500)
