"""The app "agents": runs and everything they produce. Tells the lower apps which model and agents there are."""

from typing import Any

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from agents import events  # noqa: F401 - registers the event types of runs
        from agents.bench.processes.hidden import hide
        from agents.llm.registry import installation_info
        from agents.selectors import count_cardless_work
        from agents.staff import agents_to_wire
        from boards.pages import register_agents
        from boards.selectors import register_work
        from project.accounts.models import User
        from project.accounts.profile import register_model_info
        from project.accounts.wire import ModelInfo

        def list_agents(user: User) -> list[dict[str, Any]]:
            del user  # agents may be asked by whoever is signed in
            return agents_to_wire()

        hide(settings.WORKROOM_SECRET_PLACES)
        register_model_info(lambda: ModelInfo(**installation_info()))
        register_agents(list_agents)
        register_work(count_cardless_work)
