"""Great Expectations warns while it is imported, and in a test a warning is an error."""

import warnings


def import_great_expectations() -> None:
    """Import all of it that a validation needs; once in a process, as it takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations.datasource.fluent  # noqa: F401  (what is deprecated is imported here)
