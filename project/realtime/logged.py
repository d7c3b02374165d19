"""Admin for rows that the log tells about: to be found, read and followed, never changed behind the log's back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html


class LoggedAdmin(admin.ModelAdmin[Any]):
    """Read-only: changes are commands, made in the pages or over the API."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_command_permission(self, request: HttpRequest) -> bool:
        """Whether actions that perform commands are offered: to whoever holds Django's permission to change such rows."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}")


def link_to(row: Model | None) -> str:
    """A link to the admin page of a row, named by it."""
    if row is None:
        return "–"
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, row)


def link_to_list(label: str, model: str, **filters: object) -> str:
    """A link to the admin list of `model` ("app_model"), narrowed by `filters`; the label alone where an app has no such list."""
    try:
        url = reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return label
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(filters), label)
