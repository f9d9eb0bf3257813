"""Who may use the REST endpoints: anybody may read, a token may write."""

import base64
import binascii
from typing import Any

from django.conf import settings
from rest_framework.authentication import TokenAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class ConnectionToken(TokenAuthentication):
    """A token as `Authorization: Token …`, or as the password of basic authentication.

    The latter is what Airflow makes of a connection's password by itself: no header has to be written into a task,
    where it would be shown. It is looked up as a token, never hashed as a password, which would take half a second.
    """

    def authenticate(self, request: Request) -> Any:
        """The user and the token, or none without either."""
        scheme, _, given = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"basic":
            return super().authenticate(request)
        try:
            _, _, token = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            token = ""
        return self.authenticate_credentials(token.replace("\x00", ""))


class MayWrite(BasePermission):
    """Reading is free; writing needs a token, and what the view asks for; a site that is being developed is open."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether this request may go on."""
        if request.method in SAFE_METHODS or settings.DEBUG:
            return True
        user: Any = request.user
        return bool(user and user.is_authenticated and (not view.needs or user.has_perm(view.needs)))
