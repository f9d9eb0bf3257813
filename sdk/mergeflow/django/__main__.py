"""`python -m mergeflow.django migrate`, `createsuperuser`, `runserver` …: Django's commands on the shipped site."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one command; DJANGO_SETTINGS_MODULE in the environment names another site."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mergeflow.django.site.settings")
    execute_from_command_line(["mergeflow.django", *sys.argv[1:]])


if __name__ == "__main__":
    main()
