def rate() -> int:
    return 2
