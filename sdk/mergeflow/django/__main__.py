"""`python -m mergeflow.django migrate`, `createsuperuser`, `runserver` …: Django's commands on the shipped site."""

import os
import sys

WRONG_USE = 2


def main() -> int:
    """Run one command; DJANGO_SETTINGS_MODULE names another site. What the environment lacks is one line."""
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import DatabaseError
    except ImportError:
        return _refuse("Django is not installed: pip install 'mergeflow[django]'")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mergeflow.django.site.settings")
    try:
        execute_from_command_line(["mergeflow.django", *sys.argv[1:]])
    except ImproperlyConfigured as error:
        return _refuse(str(error))
    except DatabaseError as error:
        if "--traceback" in sys.argv:
            raise
        return _refuse(f"{error}; is DATABASE_URL right, does the database run, and has `migrate` been run?")
    return 0


def _refuse(why: str) -> int:
    sys.stderr.write(f"mergeflow.django: {' '.join(why.split())}\n")
    return WRONG_USE


if __name__ == "__main__":
    sys.exit(main())
