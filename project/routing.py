"""Which socket path goes to which consumer, and which commands each takes."""

from channels.routing import URLRouter
from django.urls import path, re_path

from agents.commands import BOARD_COMMANDS as AGENT_BOARD_COMMANDS
from agents.commands import SESSION_COMMANDS as AGENT_SESSION_COMMANDS
from boards.commands import BOARD_COMMANDS
from boards.consumers import BoardConsumer
from project.realtime.commands import CommandTable
from project.realtime.consumers import NowhereConsumer
from project.realtime.handshake import Handshake
from sessions.commands import SESSION_COMMANDS
from sessions.consumers import ChatConsumer, NewChatConsumer

board_commands: CommandTable = {**BOARD_COMMANDS, **AGENT_BOARD_COMMANDS}
session_commands: CommandTable = {**SESSION_COMMANDS, **AGENT_SESSION_COMMANDS}

websocket = Handshake(
    URLRouter(
        [
            path("ws/boards/<uuid:id>/", BoardConsumer.as_asgi(commands=board_commands)),
            path("ws/sessions/<uuid:id>/", ChatConsumer.as_asgi(commands=session_commands)),
            path("ws/sessions/", NewChatConsumer.as_asgi(commands=session_commands)),
            re_path("", NowhereConsumer.as_asgi()),
        ]
    )
)
