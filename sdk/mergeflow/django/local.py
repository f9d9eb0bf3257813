"""The site beside a local Airflow: `python -m mergeflow.django.local STATE PORT` sets it up and becomes its server.

All of it is in the state folder: the database, and the passwords that are made up once. `mergeflow up --site` keeps
the process, and gives Airflow the connection.
"""

import json
import os
import secrets
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
USER = "admin"
SETTINGS = "mergeflow.django.site.settings"


@dataclass(frozen=True, slots=True)
class Access:
    """What is made up once: a person's password, Airflow's token, and the key that signs sessions."""

    password: str
    token: str
    secret_key: str


def access_file(state: Path) -> Path:
    """Where a person finds the password."""
    return state / "site.json"


def access(state: Path) -> Access:
    """What was made up before, or is now."""
    file = access_file(state)
    try:
        return Access(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        made = Access(secrets.token_urlsafe(12), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(asdict(made), stream)
    return made


def connection(state: Path, port: int) -> dict[str, Any]:
    """The site as Airflow describes a connection."""
    return {"conn_type": "http", "host": HOST, "port": port, "login": "airflow", "password": access(state).token}


def command(state: Path, port: int) -> list[str]:
    """What keeps the site running."""
    return [sys.executable, "-m", "mergeflow.django.local", str(state), str(port)]


def environment(state: Path) -> dict[str, str]:
    """The site's settings; whatever the shell says of another site is overridden."""
    made = access(state)
    return {
        "DATABASE_URL": f"sqlite:///{state / 'simulators.sqlite3'}",
        "DJANGO_ALLOWED_HOSTS": "",
        "DJANGO_DEBUG": "",
        "DJANGO_HTTPS": "",
        "DJANGO_SECRET_KEY": made.secret_key,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "DJANGO_SUPERUSER_PASSWORD": made.password,
        "MERGEFLOW_SITE_TOKEN": made.token,
    }


def main(state: Path, port: int) -> None:
    """Make what is missing, then serve; the examples only where there is nothing."""
    os.environ.update(environment(state))
    import django
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    if not get_user_model().objects.filter(username=USER).exists():
        call_command("createsuperuser", interactive=False, username=USER, email="admin@localhost")
    call_command("airflow_token")
    call_command("add_examples")
    serve = [f"--bind={HOST}:{port}", "--workers=2", "--threads=4", "--no-control-socket"]
    sys.stdout.flush()  # what is still to be written would be gone with this program
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *serve, "mergeflow.django.site.wsgi"])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
