"""The site's settings: safe as they stand, and everything that differs between two sites is in the environment.

DJANGO_SECRET_KEY (needed unless DJANGO_DEBUG is true), DJANGO_ALLOWED_HOSTS, DJANGO_HTTPS, DJANGO_TRUSTED_ORIGINS,
DJANGO_TIME_ZONE and DATABASE_URL; docs/django.md says what each does.
"""

import os
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def _flag(name: str) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if text not in ("", "0", "1", "false", "true", "no", "yes"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}")
    return text in ("1", "true", "yes")


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in (os.environ.get(name) or default).split(",") if part.strip()]


def _time_zone() -> str:
    name = os.environ.get("DJANGO_TIME_ZONE") or "UTC"
    if name not in available_timezones():
        raise ImproperlyConfigured(f"DJANGO_TIME_ZONE: there is no time zone {name!r}")
    return name


def _secret_key() -> str:
    key = os.environ.get("DJANGO_SECRET_KEY", "")
    if not key and not DEBUG:
        raise ImproperlyConfigured("DJANGO_SECRET_KEY is not set: give it 50 random characters, and keep them secret")
    return key or "only for development: DJANGO_DEBUG is true"


def _database() -> dict[str, Any]:
    """What DATABASE_URL names, or a SQLite file below .mergeflow/ in the current folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        folder = Path.cwd() / ".mergeflow"
        folder.mkdir(exist_ok=True)
        url = f"sqlite:///{folder / 'simulators.sqlite3'}"
    try:
        found: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)}
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from None
    if found["ENGINE"] == "django.db.backends.sqlite3":
        # Writers wait for one another instead of failing, and readers do not wait at all.
        write_ahead = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        found["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": write_ahead}
    return found


DEBUG = _flag("DJANGO_DEBUG")
SECRET_KEY = _secret_key()
ALLOWED_HOSTS = _list("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _list("DJANGO_TRUSTED_ORIGINS")
DATABASES = {"default": _database()}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "mergeflow.django",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
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
ROOT_URLCONF = "mergeflow.django.site.urls"
WSGI_APPLICATION = "mergeflow.django.site.wsgi.application"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Behind a proxy that ends TLS: everything by HTTPS, and cookies by nothing else.
HTTPS = _flag("DJANGO_HTTPS")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # other names of the domain are not this site's to decide
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # admin's own files, from where they are installed: nothing to collect
TIME_ZONE = _time_zone()
USE_TZ = True

LOGGING = {  # Django's own default sends errors by mail, to nobody
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
