from callables.payments.shared import rate


def main() -> int:
    return rate()
