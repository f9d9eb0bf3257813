"""Tests under a real Airflow: a home of their own, throw-away databases, and the running of a pipeline."""
