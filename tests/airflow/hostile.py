"""What a config may name that nobody should ever write."""


class _SpeechlessError(Exception):
    def __str__(self) -> str:
        raise ValueError("not even this")


def speechless() -> None:
    """Raise an exception that cannot say what it is."""
    raise _SpeechlessError
