"""Says once, beside the answers, that the slow kernel gives them: their numbers are the same."""

from omnivenue import kernel
from omnivenue.cli import out


def tell_slow_kernel() -> None:
    """For every verb that asks a kernel, before it does."""
    if kernel.WHY_REFERENCE is not None:
        out.note(f"the reference kernel answers, which is slower: {kernel.WHY_REFERENCE}")
