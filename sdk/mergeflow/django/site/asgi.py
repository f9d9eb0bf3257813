"""What a ASGI server runs: `mergeflow.django.site.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mergeflow.django.site.settings")

application = get_asgi_application()
