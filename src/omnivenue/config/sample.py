"""A configuration to start from, as a file with its reasons beside it.

For paper it is the built-in defaults, word by word, so whoever writes it out changes nothing by
that. Outside of paper nobody but its user can say how much may be lost: there every limit stands
as a comment, and the file is wrong until each is set or waived.
"""

from omnivenue.config.defaults import DEFAULTS, FURTHER_CHECKS, LIMIT_WORDS, WAIVED
from omnivenue.model import UNITS, LimitName

_HEAD = """\
# What omnivenue trades on, and what it never does.
#
#   omnivenue config check     tells all mistakes at once
#   omnivenue config schema    is for your editor
#   omnivenue doctor           looks at everything else
#
# ${VAR} and ${VAR:-default} are taken from the environment, and OMNIVENUE__SERVER__PORT=9001
# overrides a key; EXECUTION_MODE, EXECUTION_HOST and EXECUTION_PORT are read as well.

"""
_BEFORE = {
    "[server]": "# Loopback only: nobody but this machine, and there too only who has a token.",
    "[risk]": """\
# Every limit holds for what its scope names: global, venue:V, account:A, strategy:S or
# instrument:I. A limit of "waived" is deliberately none. Shares are decimal fractions.""",
    "[accounts.main]": """\
# What an account may trade on, and what simulated exchanges give it on each of them.""",
    "[venues.BINANCE-SPOT]": """\
# A simulated exchange each. Further keys of one, with what they are when they are left out:
#
#   market = "generated"           # or "recording:FILE", at `speed` times its own speed
#   keeps_going = false            # a recording that ends goes on as a generated market
#   speed = "1"                    # of a recording
#   latency_us = 0                 # of each message
#   cancel_on_stop = false         # what works there is cancelled at an orderly stop
#   dead_man_secs = 0              # it cancels everything after so much silence of ours""",
}

_OTHERS = """\
mode = "{mode}"

{server}
[server]
host = "127.0.0.1"
port = 8001

{risk}
[risk]
currency = "USDT"

# Take the # away from each of these, and say how much, or "{waived}".
#
{limits}
# Nothing checks these yet, so they can only be waived.

{further}
[accounts.main]
venues = ["BINANCE-SPOT"]

# Secrets stand here by reference only: "env:NAME", "file:PATH" or "keyring:NAME".
[venues.BINANCE-SPOT]
kind = "sim"
api_key = "env:BINANCE_API_KEY"
api_secret = "env:BINANCE_API_SECRET"
"""


_TAIL = """
# A chain: the pools over which `omnivenue execute` and POST /execute/arbitrage price routes, and
# what gas costs there, for planning. Each key is what it is when it is left out, but for `pools`.
#
#     [chain.polygon]
#     pools = "pools.json"           # without it nothing can be priced
#     native = ["WMATIC", "WPOL", "POL", "MATIC"]    # the chain's own token, as pools name it
#     base_fee_gwei = "30"
#     priority_fee_gwei = "30"
#     loan_fee_bps = 0               # of what is borrowed
#     dollars = { }                  # further stablecoins of a dollar, each with its decimals

# What is logged from `level` on (DEBUG, INFO, WARNING, ERROR), and in which logs.
[logging]
level = "INFO"
log_orders = true
log_fills = true
"""


def sample(mode: str) -> str:
    if mode == "paper":
        return _HEAD + "".join(_explained(line) for line in DEFAULTS.splitlines()) + _TAIL
    asked = [word for word in LIMIT_WORDS if word not in FURTHER_CHECKS]
    lines = "\n".join(_limit(w, f'""        # {UNITS[LimitName(w)].value[0]}') for w in asked)
    return (
        _HEAD
        + _OTHERS.format(
            mode=mode,
            server=_BEFORE["[server]"],
            risk=_BEFORE["[risk]"],
            waived=WAIVED,
            limits="\n".join(f"# {line}".rstrip() for line in lines.splitlines()),
            further="\n".join(_limit(word, f'"{WAIVED}"') for word in FURTHER_CHECKS),
        )
        + _TAIL
    )


def _limit(name: str, limit: str) -> str:
    return f'[[risk.limits]]\nscope = "global"\nname = "{name}"\nlimit = {limit}\n'


def _explained(line: str) -> str:
    before = _BEFORE.get(line)
    return f"{line}\n" if before is None else f"{before}\n{line}\n"
