"""What a check has found. Whatever is not as it should be comes with what mends it: a finding that
leaves one alone with it is of no use."""

import msgspec

FINE, WARNING, BROKEN = "ok", "warning", "broken"


class Verdict(msgspec.Struct, frozen=True):
    state: str
    said: str
    mend: str | None = None


def fine(said: str) -> Verdict:
    return Verdict(FINE, said)


def warned(said: str, mend: str) -> Verdict:
    """All works, and something should be known or done."""
    return Verdict(WARNING, said, mend)


def broken(said: str, mend: str) -> Verdict:
    return Verdict(BROKEN, said, mend)
