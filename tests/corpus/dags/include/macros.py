"""Functions for templates."""


def fiscal_year(day: str) -> int:
    """The fiscal year of a day."""
    return int(day[:4])


def currency_of(region: str) -> str:
    """A region's currency."""
    return {"eu": "EUR"}.get(region, "USD")


def shout(text: str) -> str:
    """In capitals."""
    return text.upper()
