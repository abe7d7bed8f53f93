"""The bugs to plant: one line of the source each, and what it is replaced with.

A bug worth a place here is one that somebody could write. `old` stands exactly once in its file,
which tests/tidy checks, so that the list does not rot.
"""

from pathlib import Path
from typing import NamedTuple


class Mutant(NamedTuple):
    name: str  # what goes wrong, in the domain's words
    path: str  # below src/omnivenue, or below rust where it is Rust
    old: str
    new: str

    @property
    def is_rust(self) -> bool:
        return self.path.endswith(".rs")

    def within(self, root: Path) -> Path:
        return root / ("rust" if self.is_rust else "src/omnivenue") / self.path


FACTS = [
    Mutant(
        "a repeated fill counts twice",
        "oms/order.py",
        "if known == fill:\n        return False, []",
        "if known == fill:\n        return False, _count(order, [(1, fill)])",
    ),
    Mutant("a repeated fill is a contradiction", "oms/order.py", "if known == fill:", "if False:"),
    Mutant(
        "a bust that comes first is forgotten",
        "oms/order.py",
        "    if exec_id in order.busts:\n        return known is None, []\n",
        "",
    ),
    Mutant(
        "a bust takes nothing back",
        "oms/order.py",
        "[] if fill is None else _count(order, [(-1, fill)])",
        "[]",
    ),
    Mutant(
        "of two contents the last to come counts",
        "oms/order.py",
        "if _rank(known) > _rank(fill):",
        "if False:",
    ),
    Mutant(
        "the venue's last word is the last to come",
        "oms/order.py",
        "if at > order.last_at or (at == order.last_at and cum_qty > order.last_qty):",
        "if True:",
    ),
    Mutant(
        "a fill after a reject is ignored",
        "oms/order.py",
        "        case ExecType.TRADE:\n            return _add_fill",
        "        case ExecType.TRADE if order.rejections:\n            return False, []\n"
        "        case ExecType.TRADE:\n            return _add_fill",
    ),
    Mutant(
        "a trade told otherwise is taken for known",
        "oms/order.py",
        "return order.fill(report.exec_id) == _fill_of(report)",
        "return order.fill(report.exec_id) is not None",
    ),
    Mutant(
        "a later word of a venue is taken for known",
        "oms/order.py",
        "    if at > order.last_at or (at == order.last_at and report.cum_qty > order.last_qty):\n"
        "        return False\n",
        "",
    ),
    Mutant(
        "acknowledged and rejected is rejected",
        "oms/status.py",
        "OrdStatus.UNKNOWN if order.rejections",
        "OrdStatus.REJECTED if order.rejections",
    ),
    Mutant(
        "a verdict is for ever",
        "oms/status.py",
        "verdict is not None and order.last_at <= verdict[0]:",
        "verdict is not None:",
    ),
    Mutant(
        "any answer ends a dispute",
        "engine/apply_event.py",
        "or event.query < since:",
        "or False:",
    ),
    Mutant(
        "a dispute never ends",
        "engine/apply_event.py",
        "if said.ended in ENDED and (",
        "if False and (",
    ),
    Mutant(
        "a trade that the end outran is not at risk",
        "oms/status.py",
        "order.last_qty if now.is_closed",
        "order.cum_qty if now.is_closed",
    ),
    Mutant(
        "closed is closed, whatever the venue counts",
        "oms/status.py",
        "not now.is_closed or not is_counted_alike(order)",
        "not now.is_closed",
    ),
    Mutant(
        "any cancel reject answers the last cancel",
        "oms/status.py",
        "order.cancels[-1] not in order.rare.request_rejects",
        "not order.rare.request_rejects",
    ),
    Mutant(
        "too much is clamped", "oms/status.py", "if order.cum_qty > most_qty(order):", "if False:"
    ),
]

BOOKS = [
    Mutant(
        "one-sided posting",
        "ledger/ledger.py",
        "paths[target][asset] += amount",
        "paths[target][asset] += 0",
    ),
    Mutant(
        "a bust keeps its fee",
        "ledger/ledger.py",
        "fill.fee_asset, sign * fill.fee)",
        "fill.fee_asset, fill.fee)",
    ),
    Mutant(
        "a profit is booked twice",
        "ledger/ledger.py",
        "instrument.settle, profit)",
        "instrument.settle, 2 * profit)",
    ),
    Mutant(
        "what closes leaves at the wrong cost",
        "ledger/position.py",
        "_share(self.cost, closed, abs(self.qty))",
        "_share(self.cost, closed, abs(self.qty) + 1)",
    ),
    Mutant(
        "what closes realises the wrong sign",
        "ledger/position.py",
        "realized = -closed_paid - released",
        "realized = closed_paid + released",
    ),
    Mutant(
        "a hold is never released",
        "engine/settle.py",
        "if hold != order.held:",
        "if hold > order.held:",
    ),
    Mutant(
        "a closed parent keeps its reservation",
        "engine/settle.py",
        "if left > target and parent.is_live:",
        "if left > target:",
    ),
    Mutant(
        "exposure forgets fills",
        "engine/settle.py",
        "traded=new.side.sign * traded",
        "traded=0 * traded",
    ),
    Mutant(
        "margin follows no position",
        "engine/settle.py",
        ".cost += position.cost - cost_before",
        ".cost += 0 * cost_before",
    ),
    Mutant(
        "margin follows no order",
        "engine/settle.py",
        "leg.commit(new.side, paid - order.committed)",
        "leg.commit(new.side, 0 * paid)",
    ),
    Mutant(
        "one leg closes the other",
        "ledger/position.py",
        "return LONG if (side is Side.BUY) != reduces else SHORT",
        "return LONG if side is Side.BUY else SHORT",
    ),
    Mutant(
        "an inverse buyer pays",
        "model/instrument.py",
        "(side is _BUY) != (self.contract is _INVERSE)",
        "side is _BUY",
    ),
    Mutant(
        "a deposit told twice is two",
        "engine/apply_config.py",
        "case Deposited() if event.deposit_id not in state.deposits:",
        "case Deposited() if event.deposit_id is not None:",
    ),
    Mutant(
        "old orders are counted in new lots",
        "engine/state.py",
        "if current.version == new.instrument_version:",
        "if current:",
    ),
    Mutant("lots round up", "model/instrument.py", "atoms // self.lot", "-(-atoms // self.lot)"),
    Mutant(
        "what we receive rounds up",
        "model/instrument.py",
        "return mul_div_floor(x, y, denominator)",
        "return mul_div_ceil(x, y, denominator)",
    ),
    Mutant(
        "a market order trades beyond its bound",
        "model/instrument.py",
        "px // self.tick if side is _BUY else -(-px // self.tick)",
        "-(-px // self.tick) if side is _BUY else px // self.tick",
    ),
]

RECOVERY = [
    Mutant(
        "a restart forgets what was on its way",
        "engine/apply_event.py",
        '                _down(state, at, venue_id, "restarted")',
        "                pass",
    ),
    Mutant(
        "a denial counts before the order has expired",
        "engine/apply_event.py",
        "as_of > order.new.expires_at + EXPIRY_MARGIN",
        "as_of > 0",
    ),
    Mutant(
        "a venue is open before it has answered",
        "engine/apply_event.py",
        "venue.status, venue.since, venue.why = VenueStatus.RECONCILING",
        "venue.status, venue.since, venue.why = VenueStatus.OPEN",
    ),
    Mutant(
        "an answer from before opens a venue",
        "engine/apply_event.py",
        "and event.query >= venue.reconciles_with:",
        "and event.query >= 0:",
    ),
    Mutant(
        "one denial is proof",
        "engine/sweep.py",
        "len(denials) == 2 and denials[1] - denials[0] >= DENIALS_APART:",
        "denials:",
    ),
    Mutant(
        "a lost cancel is not sent again",
        "engine/sweep.py",
        "if is_stopped or is_pending_cancel(order):",
        "if False:",
    ),
    Mutant(
        "trades since the last answer are skipped",
        "engine/sweep.py",
        "since=Nanos(max(0, venue.cursor - OVERLAP)),",
        "since=turn.at,",
    ),
    Mutant(
        "silence is a rejection",
        "engine/sweep.py",
        "turn.emit(MarkUnknown(cl_ord_id=cl_ord_id))",
        "turn.emit(DeclareLost(cl_ord_id=cl_ord_id))",
    ),
    Mutant(
        "a timer fires twice",
        "engine/step.py",
        "    turn.emit(DisarmTimer(timer_id=timer_id))  # so it never fires again\n",
        "",
    ),
    Mutant(
        "a timer is forgotten on restart",
        "runtime/alarms.py",
        "        for timer in state.timers.values():\n            self._arm(timer)\n",
        "",
    ),
    Mutant(
        "a denial proves whatever the venue can prove",
        "engine/sweep.py",
        "if not turn.state.venues[report.venue_id].capabilities.can_prove_absence:",
        "if False:",
    ),
    Mutant(
        "blind resend",
        "engine/sweep.py",
        "            turn.emit(MarkUnknown(cl_ord_id=cl_ord_id))\n",
        "            turn.emit(MarkUnknown(cl_ord_id=cl_ord_id))\n"
        "            old = turn.state.orders[cl_ord_id].new\n"
        "            fields = {n: getattr(old, n) for n in old.__struct_fields__}\n"
        "            again = {'cl_ord_id': cl_ord_id + 'r', 'expires_at': turn.at + 2 * SECOND}\n"
        "            turn.emit(type(old)(**fields | again))\n",
    ),
    Mutant(
        "an order that came back stays closed",
        "engine/work.py",
        "if parent.stage is Stage.CLOSED:",
        "if False:",
    ),
]

INSTRUCTIONS = [
    Mutant(
        "a used key is used again",
        "engine/instruct.py",
        "return received.seq == turn.state.seq - 1",
        "return True",
    ),
    Mutant(
        "a key is free for another kind",
        "engine/apply_event.py",
        "    if not state.knows(key):",
        "    if key not in state.requests:",
    ),
    Mutant(
        "a child is sent with a new id after each crash",
        "engine/work.py",
        "derived_cl_ord_id(order.account, order_id, len(parent.children))",
        "derived_cl_ord_id(str(id(turn)), order_id, len(parent.children))",
    ),
    Mutant(
        "cancel all is for all accounts",
        "engine/instruct.py",
        "            and event.account in (None, order.account)\n",
        "",
    ),
    Mutant(
        "the collar is for buyers only",
        "risk/check.py",
        "if side.sign * (px - bound) > 0:",
        "if (px - bound) > 0:",
    ),
    Mutant(
        "what reduces stays when the position is gone",
        "engine/follow.py",
        "            shrink(turn, visited)\n",
        "",
    ),
    Mutant(
        "the youngest keeps its claim on a position",
        "engine/reducing.py",
        "return sorted(found)",
        "return sorted(found, reverse=True)",
    ),
    Mutant(
        "an exit waits for an order that may never fill",
        "engine/approve.py",
        "return left - others, of_account",
        "return _left_to_reduce(state, asked, asked.of_strategy, 0), of_account",
    ),
    Mutant(
        "an exit that was refused is forgotten",
        "engine/work.py",
        "last.lost or _failed(last)",
        "last.lost",
    ),
    Mutant(
        "an exit is sent as fast as it is refused",
        "engine/work.py",
        "if is_due or not _was_in_vain(turn, parent):",
        "if True:",
    ),
    Mutant(
        "a market order trades with our own",
        "engine/approve.py",
        "    return at, _own(resting, side, at.limit_px)",
        "    return at, None",
    ),
    Mutant(
        "a replace needs its margin twice",
        "engine/approve.py",
        "sum(order.committed for order in instead_of)",
        "0",
    ),
    Mutant(
        "a touch of the KILL file stops nothing",
        "app/kill_file.py",
        "if stops and stops == self._said:",
        "if False:",
    ),
    Mutant("cash is not needed", "risk/check.py", "if now.cash_needed > now.cash:", "if False:"),
    Mutant(
        "the loosest limit holds",
        "risk/limits.py",
        "min(value, tightest.get(name, value))",
        "max(value, tightest.get(name, value))",
    ),
    Mutant(
        "above a limit nothing passes",
        "engine/measure.py",
        "if reduces(cell.net, after):",
        "if False:",
    ),
    Mutant(
        "leverage is measured by sums that nobody keeps",
        "risk/limits.py",
        "summing.add(scopes[2])",
        "pass",
    ),
    Mutant(
        "limits are remembered when others are set",
        "engine/apply_config.py",
        "state.limit_index = index(limits)\n            state.forget_bearings()",
        "state.limit_index = index(limits)",
    ),
    Mutant(
        "what is open does not count",
        "ledger/exposure.py",
        "return self.net + self.buys + more if side",
        "return self.net + more if side",
    ),
    Mutant("a flip is a reduction", "engine/measure.py", " and position * after >= 0", ""),
    Mutant(
        "a sale is worth its limit",
        "risk/check.py",
        "max(terms.unit_limit, terms.unit_mark) if intent",
        "terms.unit_limit if intent",
    ),
    Mutant(
        "a derivative sold is held at its limit",
        "model/instrument.py",
        "max(limit_px, mark_px) if side is _SELL else limit_px",
        "limit_px",
    ),
    Mutant(
        "a stopped order comes back to work",
        "engine/apply_parent.py",
        "if parent.is_stopped:",
        "if parent.is_over:",
    ),
    Mutant(
        "what comes late is new",
        "runtime/books.py",
        "book.apart = min(book.apart + passed // DRIFT, way)",
        "book.apart = way",
    ),
    Mutant(
        "other accounts do not count",
        "engine/measure.py",
        "if other != account and",
        "if False and",
    ),
    Mutant("stale prices are fresh", "runtime/books.py", "> STALE_AFTER", "> 10**30"),
]

JOURNAL = [
    Mutant(
        "acknowledged before it is committed",
        "runtime/simulated.py",
        "        self._maybe_crash()\n        durables = self._commit()\n",
        "        self._maybe_crash()\n"
        "        for each, (_, _, reply) in zip(made, batch, strict=True):\n"
        "            if reply is not None:\n"
        "                reply(each[-1])\n"
        "        durables = self._commit()\n",
    ),
    Mutant(
        "a command leaves before it is durable",
        "journal/journal.py",
        "            self._write(rows)\n",
        "            self._write(rows[:-1])\n",
    ),
    Mutant(
        "after a failed commit it goes on",
        "journal/journal.py",
        '            raise JournalFailed(f"the outcome of the commit is unknown: {exc}") from',
        "            self._failure = None\n            _ =",
    ),
    Mutant(
        "the chain is not checked",
        "journal/chain.py",
        "if entry.prev_hash != head:",
        "if False:",
    ),
    Mutant("two writers", "journal/lock.py", "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH"),
    Mutant(
        "verification believes any question",
        "journal/replay.py",
        "if asked.question != question:",
        "if False:",
    ),
    Mutant(
        "what others decided is decided again",
        "journal/replay.py",
        "if version == DECISION_VERSION:",
        "if True:",
    ),
    Mutant(
        "sent after another process took over",
        "runtime/gate.py",
        "if durable.epoch != self._epoch:",
        "if False:",
    ),
    Mutant(
        "sent although it has expired",
        "runtime/gate.py",
        "if at >= command.expires_at:",
        "if False:",
    ),
]

MONEY = [
    Mutant(
        "orders net against one another",
        "ledger/exposure.py",
        "return abs(self.net) + self.buys + self.sells",
        "return abs(self.net + self.buys - self.sells)",
    ),
    Mutant(
        "a replace needs once more what it takes the place of",
        "ledger/exposure.py",
        "instrument.paid_ceil(side, atoms, px) - committed)",
        "instrument.paid_ceil(side, atoms, px))",
    ),
    Mutant(
        "the dearer price is the higher",
        "model/instrument.py",
        "if self.contract is _INVERSE and min(px, other) > 0:",
        "if False:",
    ),
    Mutant(
        "a rebate is not paid", "ledger/ledger.py", "sign * fill.fee)", "sign * max(0, fill.fee))"
    ),
    Mutant(
        "what is closed is worth what opening costs",
        "ledger/pnl.py",
        "side = Side.SELL if qty > 0 else Side.BUY",
        "side = Side.BUY if qty > 0 else Side.SELL",
    ),
    Mutant(
        "fees are earned", "ledger/pnl.py", "self.funding - self.fees", "self.funding + self.fees"
    ),
    Mutant(
        "a quanto's average is told in its money",
        "ledger/pnl.py",
        "above * unit(instrument.quote), below * unit(instrument.settle)",
        "above, below",
    ),
    Mutant(
        "the underlying takes a price below zero",
        "ledger/pnl.py",
        "return max(after - before, 1 - first.px(instrument.instrument_id))",
        "return after - before",
    ),
    Mutant(
        "what had no mark has moved from nothing",
        "ledger/pnl.py",
        "if position.qty and (px <= 0 or px_after <= 0):",
        "if position.qty and px_after <= 0:",
    ),
    Mutant(
        "a pair is read the wrong way round",
        "ledger/rates.py",
        "Rate(unit(asset), px)",
        "Rate(px, unit(asset))",
    ),
    Mutant(
        "a mark of nothing is a price",
        "ledger/rates.py",
        "if isinstance(px, int) and px > 0:\n            return Rate(px, unit(currency))",
        "if isinstance(px, int):\n            return Rate(px, unit(currency))",
    ),
    Mutant(
        "exits reserve what has been closed already",
        "engine/settle.py",
        "left = entry.filled - entry.closed - sum(each.filled for each in exits) if is_live else 0",
        "left = entry.filled if is_live else 0",
    ),
    Mutant("a trade begins no marks", "engine/settle.py", "state.marks_due = True", "pass"),
    Mutant(
        "the latest that we know is the last to come",
        "engine/settle.py",
        "venue.latest = max(venue.latest, order.last_at)",
        "venue.latest = order.last_at",
    ),
    Mutant(
        "margin is never given back",
        "engine/settle.py",
        "if wanted != exposure.margin:",
        "if wanted > exposure.margin:",
    ),
    Mutant(
        "a difference is quarantined at once",
        "engine/money.py",
        "found.until - found.since < GRACE",
        "found.until < found.since",
    ),
    Mutant(
        "a quarantine keeps its first difference",
        "engine/money.py",
        "if known is None or known.difference != found.amount:",
        "if known is None:",
    ),
    Mutant(
        "a quarantine is for ever",
        "engine/money.py",
        "if known.venue_id == report.venue_id and key not in state.differences:",
        "if False:",
    ),
    Mutant(
        "another venue's answer ends a quarantine",
        "engine/money.py",
        "if known.venue_id == report.venue_id and key not in state.differences:",
        "if key not in state.differences or known.venue_id != report.venue_id:",
    ),
    Mutant(
        "funding that is told twice is paid twice",
        "engine/apply_money.py",
        "if paid.funding_id in known or paid.at < told_before:",
        "if paid.at < told_before:",
    ),
    Mutant(
        "funding is news again when its id is forgotten",
        "engine/apply_money.py",
        "if paid.funding_id in known or paid.at < told_before:",
        "if paid.funding_id in known:",
    ),
    Mutant(
        "shares of funding are rounded one by one",
        "engine/apply_money.py",
        "share = amount * so_far // net - given",
        "share = amount * qty // net",
    ),
    Mutant(
        "contracts that are adjusted come for nothing",
        "engine/apply_money.py",
        "state.marks.get(instrument_id, 0)",
        "0",
    ),
    Mutant(
        "contracts that are adjusted bind no margin",
        "engine/apply_money.py",
        "    bind(state, account, instrument_id)\n",
        "",
    ),
    Mutant(
        "what is held for orders is not ours",
        "engine/apply_held.py",
        "OURS = (free, held, margin, contracts)",
        "OURS = (free, margin, contracts)",
    ),
    Mutant(
        "what neither side has stays a difference",
        "engine/apply_held.py",
        "ours.keys() | theirs.keys() | named:",
        "ours.keys() | theirs.keys():",
    ),
    Mutant(
        "any difference is the one that we know",
        "engine/apply_held.py",
        "elif known is not None and known.amount == amount:",
        "elif known is not None:",
    ),
    Mutant(
        "an answer older than what we know counts",
        "engine/apply_held.py",
        "state.venues[report.venue_id].latest > report.as_of",
        "False",
    ),
    Mutant(
        "a loss is rounded down",
        "engine/equity.py",
        "-(-lost * SHARE_UNIT // day.equity)",
        "lost * SHARE_UNIT // day.equity",
    ),
    Mutant(
        "who has nothing loses nothing",
        "engine/equity.py",
        "return 2 * SHARE_UNIT if lost else 0",
        "return 0",
    ),
    Mutant(
        "what is bound as margin is no equity",
        "engine/equity.py",
        "(free(account, venue_id), held(account, venue_id), margin(account, venue_id)):",
        "(free(account, venue_id), held(account, venue_id)):",
    ),
    Mutant(
        "positions that offset one another have no mark",
        "engine/marks.py",
        "        if position.qty\n",
        "        if sum(p[instrument_id].qty for p in strategies.values() if instrument_id in p)\n",
    ),
    Mutant(
        "a day begins with what its first second lost",
        "engine/marks.py",
        "pnl = 0 if was is None else was.pnl",
        "pnl = now.pnl",
    ),
    Mutant(
        "a pair that is silent is still heard",
        "engine/marks.py",
        "dict.fromkeys((i for i in silent if turn.state.marks.get(i)), 0) | {",
        "{",
    ),
    Mutant(
        "a quiet venue is asked every other time",
        "engine/sweep.py",
        ">= TRADES_EVERY - ANSWER_WITHIN:",
        ">= TRADES_EVERY:",
    ),
]

GATES = [
    Mutant(
        "what is to be sold is not counted as sold",
        "engine/approve.py",
        "return net - (cell.sells - reserved)",
        "return net",
    ),
    Mutant(
        "a child that reduces stands in its own way",
        "engine/approve.py",
        "return -net - (cell.buys - reserved)",
        "return -net - cell.buys",
    ),
    Mutant(
        "fees are paid out of quarantine",
        "engine/approve.py",
        "(*moved, instrument.fee_asset or instrument.cash)",
        "moved",
    ),
    Mutant(
        "only a venue is on the allow-list",
        "risk/limits.py",
        "for scope in (scopes[1], scopes[4])",
        "for scope in (scopes[1],)",
    ),
    Mutant(
        "a stop is measured from today's price",
        "engine/price.py",
        "order.stop_px if waits and order.stop_px is not None else mark_px",
        "mark_px",
    ),
    Mutant(
        "a market order is protected from the near touch",
        "engine/price.py",
        "top.ask if order.side is Side.BUY else top.bid",
        "top.bid if order.side is Side.BUY else top.ask",
    ),
    Mutant(
        "a milder state lifts a worse one",
        "engine/kill.py",
        "state.severity > now.state.severity",
        "state is not now.state",
    ),
    Mutant(
        "a kill cancels what is somebody else's",
        "engine/kill.py",
        " and parent.is_ours:",
        ":",
    ),
    Mutant(
        "one venue's answer arms all again",
        "engine/kill.py",
        "        if rest:",
        "        if False:",
    ),
    Mutant(
        "an answer from before the question arms again",
        "engine/kill.py",
        "if report.query < stopped.rearms_with.get(venue_id, report.query + 1):",
        "if venue_id not in stopped.rearms_with:",
    ),
    Mutant(
        "a stop during a re-arming is overlooked",
        "engine/kill.py",
        "elif now is not None and is_rearming(now):",
        "elif False:",
    ),
    Mutant(
        "no loss kills",
        "engine/breakers.py",
        "_KILLED if lost > 2 * limit else TradingState.REDUCE_ONLY",
        "TradingState.REDUCE_ONLY",
    ),
    Mutant(
        "two rejects in three stop a venue",
        "engine/breakers.py",
        "sent >= ORDERS_MIN and ",
        "",
    ),
    Mutant(
        "a venue that is away is stopped for what is on its way",
        "engine/breakers.py",
        "    if limit is None or venue.status is not VenueStatus.OPEN:\n"
        "        return  # while it is away",
        "    if limit is None:\n        return  # while it is away",
    ),
    Mutant(
        "the loosest breaker holds",
        "engine/breakers.py",
        "return min((limit for limit",
        "return max((limit for limit",
    ),
    Mutant(
        "a clock that is behind is right",
        "engine/breakers.py",
        "abs(clock.offset) > limit",
        "clock.offset > limit",
    ),
    Mutant(
        "a take-profit waits on the wrong side",
        "engine/trigger.py",
        "(order.side is Side.BUY) != order.ord_type.is_take_profit",
        "order.side is Side.BUY",
    ),
    Mutant(
        "a stop leaves the take-profit at the venue",
        "engine/trigger.py",
        "    _drop_other_exit(turn, order_id, parent)\n    advance",
        "    advance",
    ),
    Mutant(
        "exits close what the other has closed",
        "engine/bracket.py",
        "max(exit_.filled, entry.filled - entry.closed - by_others)",
        "max(exit_.filled, entry.filled)",
    ),
    Mutant(
        "a late fill of an entry stays without exits",
        "engine/bracket.py",
        "if exit_.is_over and not _may_reopen(exit_, qty):",
        "if exit_.is_over:",
    ),
    Mutant(
        "a stop that wakes does not look whether there is a position",
        "engine/bracket.py",
        "        turn.look_at_position(entry)  # nothing",
        "        pass  # nothing",
    ),
    Mutant(
        "a bracket grows after a kill",
        "engine/bracket.py",
        "if turn.state.trading_state(entry.order) is TradingState.KILLED:",
        "if False:",
    ),
    Mutant(
        "a group ends before one of it has traded",
        "engine/follow.py",
        " and parent.filled > 0:",
        ":",
    ),
    Mutant("a DAY is two", "engine/timers.py", "turn.at // DAY + 1", "turn.at // DAY + 2"),
    Mutant(
        "turned down, it forgets what was filled before",
        "engine/amend.py",
        "instrument.atoms(lots) + parent.filled - instrument.atoms(order.cum_qty)",
        "instrument.atoms(lots)",
    ),
    Mutant(
        "a replace is measured with what has filled",
        "engine/amend.py",
        "qty=qty - parent.filled",
        "qty=qty",
    ),
    Mutant(
        "a replace needs all of the cash again",
        "engine/amend.py",
        "        instead_of=[turn.state.orders[i] for i in parent.open],\n",
        "",
    ),
    Mutant(
        "a window forgets a moment too late",
        "risk/velocity.py",
        "last = first + gone",
        "last = first + gone - 1",
    ),
    Mutant(
        "yesterday's cancels count",
        "risk/velocity.py",
        "(self.cancels, self.trades) if day == self.day else (0, 0)",
        "(self.cancels, self.trades)",
    ),
    Mutant(
        "only our worst bid is looked at",
        "risk/resting.py",
        "self.buys[-1] if self.buys and self.buys[-1][0] >= px",
        "self.buys[0] if self.buys and self.buys[0][0] >= px",
    ),
    Mutant(
        "what was counted is counted again",
        "risk/totals.py",
        "of_scope.total += more\n",
        "of_scope.total += total\n",
    ),
    Mutant(
        "a total looks at the side of the order alone",
        "engine/measure.py",
        "max(abs(after), abs(cell.after(asked.order.side.opposite)))",
        "abs(after)",
    ),
    Mutant(
        "leverage is by no more than is owed",
        "engine/measure.py",
        "max(1, equity(state, account))",
        "max(1, abs(equity(state, account)))",
    ),
]

TABLES = [
    Mutant(
        "two write the read tables",
        "api/tables/file.py",
        "if self._db.changes() != 1:",
        "if False:",
    ),
    Mutant(
        "rows are committed without their entry",
        "api/tables/file.py",
        "            db.executemany(_PART, batch.parts)\n",
        "            db.executemany(_PART, batch.parts)\n"
        '            db.execute("COMMIT")\n            db.execute("BEGIN IMMEDIATE")\n',
    ),
    Mutant(
        "a row that has left is forgotten",
        "api/tables/projection.py",
        "                self._keep(command.order_ids)\n",
        "                pass\n",
    ),
    Mutant(
        "a snapshot ahead of the tables is begun at",
        "api/tables/projection.py",
        "at_most=start",
        "at_most=None",
    ),
    Mutant(
        "what a venue's end makes unknown stays as it was",
        "api/tables/projection.py",
        "        touched.doubted(state, entry.event)\n",
        "",
    ),
    Mutant(
        "answers of venues touch nothing",
        "api/tables/touched.py",
        "    yield from (said.cl_ord_id for said in event.orders)\n",
        "",
    ),
    Mutant(
        "positions are not touched",
        "api/tables/touched.py",
        "            self.instruments[order.new.instrument_id] = None\n",
        "",
    ),
    Mutant(
        "long and short of an instrument add up",
        "api/tables/rows.py",
        "total.qty += each.qty",
        "total.qty += abs(each.qty)",
    ),
    Mutant(
        "tables of another journal are gone on with",
        "api/tables/projection.py",
        "if (self._chain.seq, self._chain.head) != (start, progress.head):",
        "if False:",
    ),
    Mutant(
        "a trade told twice is two fills",
        "telemetry/meter.py",
        "if report.exec_id in out.trades:",
        "if False:",
    ),
    Mutant(
        "a token is logged",
        "telemetry/lines.py",
        "else _PATTERNS.sub(BLOT, text)",
        "else text",
    ),
]


FEEDS = [
    Mutant(
        "an update that overlaps is trusted",
        "venue/cefi/binance/depth.py",
        "else first_id == has + 1",
        "else first_id <= has + 1",
    ),
    Mutant(
        "a perpetual's next update may name any before",
        "venue/cefi/binance/depth.py",
        "return None if prev_id == has",
        "return None if prev_id <= has",
    ),
    Mutant(
        "what ends with the snapshot is old",
        "venue/cefi/binance/depth.py",
        "return update.last_id < self.update_id",
        "return update.last_id <= self.update_id",
    ),
    Mutant(
        "what waits behind a gap is forgotten",
        "venue/cefi/binance/depth.py",
        "self._waiting.extend(updates[i:])",
        "pass",
    ),
    Mutant(
        "a crossed book stays fresh",
        "venue/cefi/binance/depth.py",
        "            return None\n        self.is_fresh = False",
        "            return None",
    ),
    Mutant(
        "an exchange trades on a crossed book",
        "venue/sim/matching.py",
        "if self.book.is_crossed:",
        "if False:",
    ),
    Mutant(
        "levels come back before a whole book does",
        "venue/sim/matching.py",
        "px=px, qty=qty) if self.doubt is None:",
        "px=px, qty=qty):",
    ),
    Mutant(
        "a lost book leaves what was there fresh",
        "runtime/books.py",
        "            book.lost = lost\n",
        "            pass\n",
    ),
    Mutant(
        "a line that cannot be read is passed over",
        "venue/recorded.py",
        "        except NotBinance:\n            yield from reel.lose()",
        "        except NotBinance:\n            continue",
    ),
    Mutant(
        "a time far ahead is a pause",
        "venue/receive_times.py",
        "abs(passed - theirs) <= PAUSE",
        "True",
    ),
    Mutant(
        "one message says where a clock stands",
        "venue/receive_times.py",
        "if not _stands(self._at, held.at, then.at, is_pause=is_pause):",
        "if False:",
    ),
    Mutant(
        "a clock that is set back takes no time at all",
        "venue/receive_times.py",
        "min(theirs, passed if passed > 0 else PAUSE)",
        "min(theirs, passed)",
    ),
    Mutant(
        "times that were not believed are not told",
        "venue/recorded.py",
        "            self._jumps += each.has_jumped\n",
        "",
    ),
    Mutant(
        "one wrong time of a feed is believed",
        "runtime/books.py",
        "if not is_set and (has_leapt or quote.at < book.quote.at):",
        "if False:",
    ),
    Mutant(
        "a feed's clock that was set is never believed",
        "runtime/books.py",
        '    book.leapt, book.lost = way if has_leapt else None, ""\n',
        '    book.lost = ""\n',
    ),
    Mutant(
        "a number is remembered as another",
        "venue/cefi/binance/codec.py",
        'fraction.ljust(_DECIMALS, "0")',
        'fraction.rjust(_DECIMALS, "0")',
    ),
    Mutant(
        "the market that follows comes at the recorded end",
        "venue/sim/recorded_market.py",
        "else self._moved(recording.span)",
        "else Nanos(start_at + recording.span)",
    ),
]

WHOLES = [
    Mutant(
        "every venue has the same fees",
        "route/split.py",
        "fee = BPS + side.sign * instrument.taker_bps",
        "fee = BPS",
    ),
    Mutant(
        "a part may be less than a venue takes",
        "route/division.py",
        "        if odd := self._odd(found):\n",
        "        if odd := []:\n",
    ),
    Mutant(
        "nobody gets more so that a minimum is met",
        "route/division.py",
        "return more + less",
        "return less",
    ),
    Mutant(
        "a lot is not given up for a larger one",
        "route/division.py",
        "return [] if is_least else self._filling(bounds, found)",
        "return []",
    ),
    Mutant(
        "the first division without a rest is taken",
        "route/division.py",
        "return found.rank < self.best.rank\n\n    def _least_left",
        "return False\n\n    def _least_left",
    ),
    Mutant(
        "what an order over venues takes is not counted",
        "route/division.py",
        "            effort.left -= each\n",
        "",
    ),
    Mutant(
        "what rests is left where its lots are too large",
        "engine/routing.py",
        "if best.left <= least or effort.is_spent:",
        "if first:",
    ),
    Mutant(
        "a venue gets more than is paid for there",
        "route/split.py",
        "max(0, min(qty, offer.room))",
        "qty",
    ),
    Mutant(
        "what rests takes from no other part",
        "engine/routing.py",
        "if found.left < best.left:",
        "if False:",
    ),
    Mutant(
        "what is under way is sent again",
        "engine/composite.py",
        "return composite.filled + sum(max(0, each.qty - each.filled) for each in live)",
        "return composite.filled + 0 * len(list(live))",
    ),
    Mutant(
        "a slice is tried for ever",
        "engine/composite.py",
        "missing > 0 and (is_due or composite.tries < TRIES_MAX)",
        "missing > 0",
    ),
    Mutant(
        "a pause is time that was missed",
        "engine/apply_composite.py",
        "composite.began_at = Nanos(composite.began_at + at - composite.paused_at)",
        "pass",
    ),
    Mutant(
        "all that was missed is caught up at once",
        "algo/twap.py",
        "return CATCH_UP * each + rest",
        "return qty",
    ),
    Mutant(
        "what ended of the slices before goes out at once",
        "engine/composite.py",
        "min(composite.target - _done(state, composite), most_now(state, composite))",
        "composite.target - _done(state, composite)",
    ),
    Mutant(
        "the remainder is nobody's",
        "algo/twap.py",
        "rest = qty - each * slices if number >= slices - 1 else 0",
        "rest = 0",
    ),
    Mutant(
        "an algorithm keeps no place within the limits",
        "engine/settle.py",
        "target = max(0, rest) if is_going_on else 0",
        "target = 0",
    ),
    Mutant(
        "what a part does is no news of its whole in the tables",
        "api/tables/touched.py",
        "if parent is not None and parent.part_of is not None:",
        "if False and parent is not None and parent.part_of is not None:",
    ),
    Mutant(
        "a venue that will not make it smaller is asked again",
        "engine/shrink.py",
        "if is_too_little or _was_turned_down(turn, parent):",
        "if is_too_little:",
    ),
    Mutant(
        "a venue that would not have another price is not asked for less",
        "engine/shrink.py",
        "last.qty < terms(child)[0] and ",
        "",
    ),
    Mutant(
        "a venue that takes less than its part gets none",
        "engine/routing.py",
        "if is_too_much and (most := _most(turn, composite, leg)):",
        "if False:",
    ),
    Mutant(
        "what must not take goes where it may",
        "engine/routing.py",
        "if unfit := unable(venue.capabilities, order):",
        "if False:",
    ),
    Mutant(
        "a venue that rejects gets it again",
        "engine/routing.py",
        "if each.end in not_again",
        "if False",
    ),
    Mutant(
        "what nobody takes just now is given up",
        "engine/composite.py",
        "return rests and may_go_later(turn.state, composite, missing)",
        "return False",
    ),
    Mutant(
        "a last slice that nobody could be asked about is lost",
        "engine/composite.py",
        "return is_closed_everywhere(turn.state, order)",
        "return False",
    ),
    Mutant(
        "what waits says so each time",
        "engine/composite.py",
        "if is_again and not route.legs:",
        "if False:",
    ),
    Mutant(
        "what is too little for anybody waits for ever",
        "engine/routing.py",
        "not in avoided and not is_too_little(i, qty, px)",
        "not in avoided",
    ),
    Mutant(
        "an answer is no news of a replace",
        "engine/apply_event.py",
        "elif asked is None and _is_booked(order, counted):",
        "elif _is_booked(order, counted):",
    ),
    Mutant(
        "an end that has traded more is no news",
        "engine/apply_event.py",
        "return order.last_qty == counted and not",
        "return not",
    ),
]


CURBS = [
    Mutant(
        "what rests goes on under REDUCE_ONLY",
        "engine/kill.py",
        "elif is_so and state is TradingState.REDUCE_ONLY:",
        "elif False:",
    ),
    Mutant(
        "under REDUCE_ONLY a position that moves is not looked at",
        "engine/follow.py",
        "            if turn.curbs:\n",
        "            if False:\n",
    ),
    Mutant(
        "under REDUCE_ONLY a bust is no news",
        "engine/curb.py",
        "ExecType.TRADE, ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT",
        "ExecType.TRADE, ExecType.TRADE_CORRECT",
    ),
    Mutant(
        "each confirmed cancel is worth a look at all that is left",
        "engine/curb.py",
        "and event.exec_type not in _MOVE:",
        "and False:",
    ),
    Mutant(
        "what comes back under REDUCE_ONLY may open a position",
        "engine/curb.py",
        "if order is None or not state.parents[order.new.parent_id].is_over:",
        "if True:",
    ),
    Mutant(
        "a strategy that reduces may enlarge what its account has",
        "engine/curb.py",
        "min(wanted, room[strategy_id], in_all)",
        "min(wanted, room[strategy_id])",
    ),
    Mutant(
        "what others may do takes the room of what closes",
        "engine/curb.py",
        "    in_all -= sum(works.values())\n",
        "    in_all -= sum(works.values()) + state.exposures[account][instrument_id].sells\n",
    ),
    Mutant(
        "a hedge is closed by whatever is on its other side",
        "engine/curb.py",
        "    if account in state.hedging:\n        left",
        "    if False:\n        left",
    ),
    Mutant(
        "under REDUCE_ONLY an exit gives way to an older order",
        "engine/curb.py",
        "            and not order.reduce_only\n",
        "",
    ),
    Mutant(
        "under REDUCE_ONLY the youngest keeps its own",
        "engine/curb.py",
        "key=lambda each: (each.seq, each.order.instruction_id)):",
        "key=lambda each: (each.seq, each.order.instruction_id), reverse=True):",
    ),
    Mutant(
        "REDUCE_ONLY cancels what is somebody else's",
        "engine/curb.py",
        "            and parent.is_ours\n",
        "",
    ),
    Mutant(
        "an algorithm that opens waits for better days",
        "engine/curb.py",
        "if is_asked and _has_nothing(turn.state, composite):",
        "if False:",
    ),
    Mutant(
        "an algorithm stands in its own way",
        "engine/routing.py",
        "        reserved=composite.reserved,\n",
        "        reserved=min(leg.qty, composite.reserved),\n",
    ),
    Mutant(
        "what is explained away is still there to reduce",
        "engine/money.py",
        "    if event.asset in turn.state.instruments:\n",
        "    if False:\n",
    ),
    Mutant(
        "an exit of nothing waits for its venue",
        "engine/work.py",
        "if qty <= child.cum_qty and (now in _SETTLED or not child.cancels):",
        "if False:",
    ),
    Mutant(
        "a venue that will not cancel is asked as fast as it can say so",
        "engine/work.py",
        "if _will_not_end(child) and not is_due:",
        "if False:",
    ),
    Mutant(
        "less of what is suspended waits until it goes on",
        "engine/work.py",
        "(OrdStatus.UNKNOWN, OrdStatus.SUSPENDED)",
        "(OrdStatus.UNKNOWN,)",
    ),
    Mutant(
        "less of what is unknown waits until it is known",
        "engine/work.py",
        "if now not in _SETTLED and not is_too_much:",
        "if now not in _SETTLED:",
    ),
    Mutant(
        "an exit of nothing is cancelled again and again",
        "engine/work.py",
        "if qty <= child.cum_qty and (now in _SETTLED or not child.cancels):",
        "if qty <= child.cum_qty:",
    ),
]


MUTANTS = [
    *FACTS,
    *BOOKS,
    *RECOVERY,
    *INSTRUCTIONS,
    *JOURNAL,
    *MONEY,
    *GATES,
    *FEEDS,
    *TABLES,
    *WHOLES,
    *CURBS,
]
