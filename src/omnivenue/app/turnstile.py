"""So many requests begin in one turn of the event loop, and the rest in the next, in their order.

Without it, one turn answers a request of every connection that there is, and whoever comes by the
private socket waits for hundreds, in each of the turns that an answer takes.
"""

import asyncio
from collections import deque
from collections.abc import Callable

IN_ONE_TURN = 16


class Turnstile:
    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._left = IN_ONE_TURN
        self._is_turning = False  # another turn has been asked for

    def admits(self, again: Callable[[], None]) -> bool:
        """Whether one more may begin. Else it is to ask anew when `again` is called."""
        self._ask()
        if self._left:
            self._left -= 1
            return True
        self._waiting.append(again)
        return False

    def _ask(self) -> None:
        if not self._is_turning:
            self._is_turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._left, self._is_turning = IN_ONE_TURN, False
        for _ in range(min(len(self._waiting), IN_ONE_TURN)):
            self._waiting.popleft()()
        if self._waiting:  # also where those who were called have gone
            self._ask()
