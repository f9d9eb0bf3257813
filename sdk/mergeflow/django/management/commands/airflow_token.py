"""`airflow_token`: who Airflow is at the site, and the password of its connection."""

import os
import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management.base import BaseCommand, CommandError
from rest_framework.authtoken.models import Token

USER = "airflow"
VARIABLE = "MERGEFLOW_SITE_TOKEN"
_KEY = re.compile(r"[!-9;-~]{20,40}", re.ASCII)  # a colon would end the name in a header, and a space the token


class Command(BaseCommand):
    """The same each time: a new token only where there is none, or where the environment gives another."""

    help = (
        f"Make the user {USER}, who may store results and nothing else, and print its token: the password of Airflow's "
        f"connection. {VARIABLE} in the environment sets the token, which is not printed then."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing; raises CommandError for a token that could not be sent, or is soon guessed."""
        del args, options
        wanted = os.environ.get(VARIABLE, "")
        if wanted and not _KEY.fullmatch(wanted):
            raise CommandError(f"{VARIABLE} must be 20 to 40 letters, digits or signs, without spaces and colons.")
        model: Any = get_user_model()
        user, created = model.objects.get_or_create(**{model.USERNAME_FIELD: USER})
        if created:
            user.set_unusable_password()
            user.save()
        user.user_permissions.add(Permission.objects.get(content_type__app_label="mergeflow", codename="add_result"))
        token = _token(user, wanted)
        self.stdout.write(
            f"{USER} has the token that {VARIABLE} gives." if wanted else token.key
        )  # a log is read by many


def _token(user: Any, wanted: str) -> Token:
    token = Token.objects.filter(user=user).first()
    if token and wanted in ("", token.key):
        return token
    if token:
        token.delete()
    return Token.objects.create(user=user, **({"key": wanted} if wanted else {}))
