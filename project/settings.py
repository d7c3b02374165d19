"""Django's settings, from project.config. Tests change a few lines of these in tests/settings.py."""

import os
from datetime import timedelta
from urllib.parse import urlsplit

import django_stubs_ext
import structlog
from csp.constants import NONE, SELF

from project import config as configuration
from project.config import ROOT, split

# Lets admin classes and managers name their model: ModelAdmin[Card].
django_stubs_ext.monkeypatch()

CONFIG = configuration.load()

# --- Core ---------------------------------------------------------------------------------------------------------------
# Django's own debug mode stays off even in development: it keeps every query and shows settings to whoever provokes an error.
DEBUG = False
WORKROOM_IS_DEVELOPMENT = CONFIG.debug
SECRET_KEY = CONFIG.secret_key or configuration.development_key(CONFIG.data_dir)
ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ, TIME_ZONE, USE_I18N = True, "UTC", False
STREAM_LOG_JSON = not CONFIG.debug

INSTALLED_APPS = [
    "daphne",  # first: it gives runserver its ASGI server
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "project",
    "project.accounts",
    "project.realtime",
    "boards",
    "sessions",
    "agents",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "project.handler.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Where it is reached ------------------------------------------------------------------------------------------------
WORKROOM_ORIGINS = split(CONFIG.origins)
# Without configured origins (development) a page on this very host may open sockets; see project.realtime.handshake.
ALLOWED_HOSTS = split(CONFIG.allowed_hosts) or [urlsplit(origin).hostname or "" for origin in WORKROOM_ORIGINS]
ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"] if CONFIG.debug or not ALLOWED_HOSTS else []
CSRF_TRUSTED_ORIGINS = WORKROOM_ORIGINS
WORKROOM_TRUSTED_PROXIES = CONFIG.trusted_proxies
IS_HTTPS = bool(WORKROOM_ORIGINS) and all(origin.startswith("https://") for origin in WORKROOM_ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
# For this host alone: what else its domain serves isn't ours to decide, so nothing is said of subdomains or preload lists.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come without the proxy's headers
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if WORKROOM_TRUSTED_PROXIES else None
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- Data ---------------------------------------------------------------------------------------------------------------
DATABASES = {"default": configuration.database(CONFIG)}
CHANNEL_LAYERS = {"default": configuration.channel_layer(CONFIG)}
WORKROOM_DATA_DIR = CONFIG.data_dir
WORKROOM_DB_THREADS = CONFIG.db_threads
WORKROOM_LIMITS = CONFIG.limits

# --- Signing in ---------------------------------------------------------------------------------------------------------
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "/accounts/login/", "/", "/accounts/login/"
WORKROOM_SIGNUP = CONFIG.signup
WORKROOM_DEMO_PASSWORD = CONFIG.demo_password or ("workroom-demo" if CONFIG.debug else "")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_LIMIT_PER_USER": None, "TOKEN_TTL": timedelta(days=30)}

# --- REST ---------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["project.accounts.rest.CredentialAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["project.accounts.rest.GatedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "project.accounts.rest.WhatTheViewSpeaks",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "project.realtime.schema.Schema",
    "EXCEPTION_HANDLER": "project.accounts.rest.handle_error",
    "DEFAULT_THROTTLE_CLASSES": ["project.accounts.rest.UserThrottle"],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Workroom",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/",
    "POSTPROCESSING_HOOKS": ["project.realtime.schema.add_event_streams"],
}

# --- Agents -------------------------------------------------------------------------------------------------------------
WORKROOM_LAUNCHER = CONFIG.launcher
WORKROOM_RULES_PACE_MS = CONFIG.rules_pace_ms
WORKROOM_FETCH_HOSTS = split(CONFIG.fetch_hosts)
WORKROOM_MODEL_BASE_URL, WORKROOM_MODEL_API_KEY, WORKROOM_MODEL = CONFIG.model_base_url, CONFIG.model_api_key, CONFIG.model
WORKROOM_MODEL_CONTEXT_TOKENS = CONFIG.model_context_tokens
WORKROOM_MODEL_PRICES = CONFIG.model_prices
WORKROOM_AGENTS = CONFIG.agents
WORKROOM_WORKSPACES = CONFIG.all_workspaces
# What code of workspaces doesn't see: the data of everybody, and what secrets were read from.
WORKROOM_SECRET_PLACES = [CONFIG.data_dir, *configuration.secret_files(CONFIG)]
WORKROOM_EXAMPLES_PATH = CONFIG.examples_path
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
os.environ.setdefault("LANGSMITH_TRACING", "false")

# --- Static files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [ROOT / "static"] if path.is_dir()]
SERVESTATIC_USE_FINDERS = True
WORKROOM_FRONTEND = ROOT / "static" / "dist"

# --- Logs: one line per record, JSON outside development ----------------------------------------------------------------
_SHARED = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer() if STREAM_LOG_JSON else structlog.dev.ConsoleRenderer(colors=False),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.channels.server": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
    },
}
