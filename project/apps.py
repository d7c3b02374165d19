"""The composition root as a Django app: it brings the management commands and the template tags."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"
    label = "project"
