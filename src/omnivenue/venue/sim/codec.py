"""Bytes to messages and back on the wire to a simulated exchange. Pure.

Our own messages as JSON, since both ends are ours; around them a login, and what a test may ask of
the process on a control connection.
"""

import msgspec

from omnivenue.market import Quote
from omnivenue.message import VenueCommand, VenueEvent
from omnivenue.model import VenueID
from omnivenue.venue.sim.faults import Planned


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="login"):
    """The first frame. To one venue, or with `control` to the process."""

    token: str
    venue: VenueID = VenueID("")
    control: bool = False


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    pass


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    why: str


class PlanFault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="plan_fault"
):
    venue: VenueID
    planned: Planned


class AskCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ask_counts"):
    pass


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="stop"):
    pass


class VenueCounts(msgspec.Struct, frozen=True, kw_only=True):
    connections: int
    commands: int  # that arrived since this process began
    orders: int  # of the whole record
    reports: int
    faults_planned: int


class Counts(msgspec.Struct, frozen=True, kw_only=True, tag="counts"):
    pid: int
    venues: dict[VenueID, VenueCounts]


class Done(msgspec.Struct, frozen=True, tag="done"):
    pass


type Control = PlanFault | AskCounts | Stop
type Answer = Done | Counts | Refused
type FromVenue = VenueEvent | Quote | Welcome | Refused

_ENCODER = msgspec.json.Encoder()
_LOGIN = msgspec.json.Decoder(Login)
_COMMAND: msgspec.json.Decoder[VenueCommand] = msgspec.json.Decoder(VenueCommand)
_CONTROL: msgspec.json.Decoder[Control] = msgspec.json.Decoder(Control)
_ANSWER: msgspec.json.Decoder[Answer | Welcome] = msgspec.json.Decoder(Answer | Welcome)
_FROM_VENUE: msgspec.json.Decoder[FromVenue] = msgspec.json.Decoder(FromVenue)


def encode(message: object) -> bytes:
    return _ENCODER.encode(message) + b"\n"


# Each raises msgspec.MsgspecError on what the other side has no business to send.


def decode_login(frame: bytes) -> Login:
    return _LOGIN.decode(frame)


def decode_command(frame: bytes) -> VenueCommand:
    return _COMMAND.decode(frame)


def decode_control(frame: bytes) -> Control:
    return _CONTROL.decode(frame)


def decode_answer(frame: bytes) -> Answer | Welcome:
    return _ANSWER.decode(frame)


def decode_from_venue(frame: bytes) -> FromVenue:
    return _FROM_VENUE.decode(frame)
