"""What happens, as it happens: entries of the journal as messages over a WebSocket.

Nothing is a message before its entry is durable. What a subscriber has not had yet is counted by
the entry's number and by nothing else, so it can leave and come back without a gap.
"""

from omnivenue.api.stream.door import StreamDoor

__all__ = ["StreamDoor"]
