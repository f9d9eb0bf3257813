"""System B's half in Django: KPIs and their simulators, an admin to keep them, and a REST endpoint that calculates.

An existing site takes `rest_framework`, `rest_framework.authtoken` and `mergeflow.django` among its INSTALLED_APPS, and
`mergeflow.django.urls` among its URLs; `mergeflow.django.site` is a site that has nothing else, ready to run.
"""
