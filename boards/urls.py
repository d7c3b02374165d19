"""Addresses of boards: the API (mounted at /api/) and the pages (mounted at /)."""

from django.urls import URLPattern

api_urlpatterns: list[URLPattern] = []
page_urlpatterns: list[URLPattern] = []
