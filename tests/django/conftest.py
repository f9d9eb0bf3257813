"""The app inside this process: a database of its own, and each test's rows gone after it."""

from collections.abc import Iterator
from typing import Any

import django
import pytest
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "rest_framework",
        "rest_framework.authtoken",
        "mergeflow.django",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    REST_FRAMEWORK={
        "TEST_REQUEST_DEFAULT_FORMAT": "json",
        # What a site may have set for its own endpoints, and what must not matter to these.
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.RemoteUserAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
        "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
        "DEFAULT_THROTTLE_RATES": {"anon": "1/day"},
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
        "ALLOWED_VERSIONS": ["7"],
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF="mergeflow.django.site.urls",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    STATIC_URL="static/",
    SECRET_KEY="for tests only",
    TIME_ZONE="UTC",
    USE_TZ=True,
    LOGGING_CONFIG=None,  # this process is pytest's, and its logging too
)
django.setup()


@pytest.fixture(scope="session")
def _tables() -> Iterator[None]:
    from django.test.utils import setup_databases, teardown_databases

    old = setup_databases(verbosity=0, interactive=False)
    yield
    teardown_databases(old, verbosity=0)


@pytest.fixture
def rows(_tables: None) -> Iterator[None]:
    """The database, empty, and empty again afterwards."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def token(rows: None) -> str:
    """What Airflow's connection has for a password."""
    del rows
    return call("airflow_token").strip()


@pytest.fixture
def api(token: str) -> Any:
    """A client that sends JSON with Airflow's token."""
    from rest_framework.test import APIClient

    return APIClient(HTTP_AUTHORIZATION=f"Token {token}")


def call(*arguments: str) -> str:
    """What one of the app's commands prints."""
    from io import StringIO

    from django.core.management import call_command

    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()
