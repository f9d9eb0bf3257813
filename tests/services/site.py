"""The simulators' site as a real, throw-away server process on SQLite, or on whatever database it is given."""

import os
import pwd
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.services.server import PATIENCE, Server, folder_of, free_port, need

USER = "admin"
ACCOUNT = pwd.getpwuid(os.geteuid()).pw_name
SET_UP = f"""
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("createsuperuser", interactive=False, username="{USER}", email="admin@example.com")
call_command("airflow_token")
call_command("add_examples")
"""


@contextmanager
def site(database_url: str = "") -> Iterator["SiteServer"]:
    """A running site with an admin user, Airflow's token and the two examples; stopped and removed at the end."""
    need(Path(sys.executable).with_name("gunicorn").exists(), "pip install 'mergeflow[django]'")
    with folder_of(ACCOUNT) as folder:
        server = SiteServer(folder, database_url)
        server.set_up()
        server.start()
        try:
            yield server
        finally:
            server.stop()


class SiteServer(Server):
    """gunicorn on 127.0.0.1 with two processes, so that what must be unique is not so by luck."""

    conn_type = "http"
    database = ""
    user = "airflow"
    account = ACCOUNT
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)
        self.environment = {
            "DATABASE_URL": database_url or f"sqlite:///{folder / 'site.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "mergeflow.django.site.settings",
            "DJANGO_SECRET_KEY": secrets.token_urlsafe(40),
            "DJANGO_SUPERUSER_PASSWORD": self.password,
            "MERGEFLOW_SITE_TOKEN": self.password,
        }

    @property
    def url(self) -> str:
        """Where the site is, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def set_up(self) -> None:
        """What a person types once, in one process, for each takes its time to start."""
        self._python("-c", SET_UP)

    def manage(self, *arguments: str) -> str:
        """One of Django's commands on this site; what it printed."""
        return self._python("-m", "mergeflow.django", *arguments)

    def _python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def command(self) -> list[str]:
        where = [f"--bind=127.0.0.1:{self.port}", "--workers=2", "--threads=4", "--no-control-socket"]
        where += ["--preload", "--keep-alive=1"]  # quick to start and to stop
        environment = [f"--env={name}={value}" for name, value in self.environment.items()]
        return [sys.executable, "-m", "gunicorn", *where, *environment, "mergeflow.django.site.wsgi"]

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/results/", trust_env=False).is_success
        except httpx.TransportError:
            return False

    @contextmanager
    def admin(self) -> Iterator["Admin"]:
        """A person with a browser, logged in at /admin."""
        with httpx.Client(base_url=self.url, follow_redirects=True, trust_env=False, timeout=PATIENCE) as client:
            admin = Admin(client)
            admin.submit("/admin/login/", {"username": USER, "password": self.password})
            yield admin


class Admin:
    """Fills in forms as a browser does: with the hidden token of the page, and the cookies that came with it."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def submit(self, path: str, fields: Mapping[str, Any]) -> httpx.Response:
        """Open a form, fill it in, send it; the page that follows."""
        page = self.client.get(path)
        page.raise_for_status()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, "the page has no form"
        return self.client.post(page.url, data={"csrfmiddlewaretoken": token[1], **fields})
