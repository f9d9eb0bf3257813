"""What a WSGI server runs: `mergeflow.django.site.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mergeflow.django.site.settings")

application = get_wsgi_application()
