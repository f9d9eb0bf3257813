"""The shipped site starts only as it may, and reads everything that differs from the environment."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.conftest import ROOT


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The settings under an environment of nothing but what is given."""
    monkeypatch.chdir(tmp_path)

    def settings(**environment: str) -> dict[str, Any]:
        monkeypatch.setattr("os.environ", environment)
        return runpy.run_path(str(ROOT / "sdk/mergeflow/django/site/settings.py"))  # pytest has a loader for modules

    return settings


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "DJANGO_SECRET_KEY is not set"),
        ({"DJANGO_SECRET_KEY": ""}, "DJANGO_SECRET_KEY is not set"),
        ({"DJANGO_DEBUG": "0"}, "DJANGO_SECRET_KEY is not set"),
        ({"DJANGO_DEBUG": "maybe"}, "DJANGO_DEBUG must be true or false, not 'maybe'"),
        ({"DJANGO_SECRET_KEY": "x", "DJANGO_TIME_ZONE": "Europe/Pari"}, "no time zone 'Europe/Pari'"),
        ({"DJANGO_SECRET_KEY": "x", "DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DJANGO_SECRET_KEY": "x", "DATABASE_URL": "oops://x/y"}, "DATABASE_URL"),
    ],
)
def test_it_does_not_start_without_what_it_needs(read: Any, environment: dict[str, str], why: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=why):
        read(**environment)


def test_by_default_it_is_closed_and_on_sqlite(read: Any, tmp_path: Path) -> None:
    settings = read(DJANGO_SECRET_KEY="x", DJANGO_ALLOWED_HOSTS="", DATABASE_URL="")
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(tmp_path / ".mergeflow/simulators.sqlite3")


def test_postgresql_is_named_by_one_address(read: Any) -> None:
    settings = read(DJANGO_SECRET_KEY="x", DATABASE_URL="postgresql://me:p%40ss%2Fw@db:5433/kpis?sslmode=require")
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "kpis")
    assert (database["USER"], database["PASSWORD"]) == ("me", "p@ss/w")
    assert database["OPTIONS"] == {"sslmode": "require"}


def test_behind_https_nothing_goes_by_anything_else(read: Any) -> None:
    settings = read(DJANGO_SECRET_KEY="x", DJANGO_HTTPS="true", DJANGO_ALLOWED_HOSTS="kpi.example.com, kpi")
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["ALLOWED_HOSTS"] == ["kpi.example.com", "kpi"]


def test_for_development_a_flag_is_enough(read: Any) -> None:
    settings = read(DJANGO_DEBUG="true")
    assert settings["DEBUG"] is True
    assert settings["SECRET_KEY"]
