"""Great Expectations is imported before the first test here that needs it."""

import pytest

from tests.quality.quietly import import_great_expectations


@pytest.fixture(scope="session")
def _great_expectations() -> None:
    import_great_expectations()
