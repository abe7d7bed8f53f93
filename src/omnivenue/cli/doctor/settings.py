"""The configuration: is it right, is it the one that holds, and does it leave something open?"""

from collections.abc import Iterator

from omnivenue.app.standing import limits_otherwise, sections_to_come
from omnivenue.cli.doctor.case import Case
from omnivenue.cli.doctor.verdict import Verdict, broken, fine, warned
from omnivenue.config import BUILT_IN, chains_of, show
from omnivenue.message import Reason

LIMITS = "risk.limits"
BUILT_MODES = ("paper",)


def configuration(case: Case) -> Iterator[Verdict]:
    if case.config is None:
        assert case.invalid is not None
        where = case.invalid.source
        for mistake in case.invalid.mistakes:
            if mistake.path != LIMITS:
                yield broken(f"{where}: {mistake}", f"change it in {where}; {_SCHEMA}")
        return
    said = f"{case.config.source}, mode {case.mode}"
    if case.mode not in BUILT_MODES:
        yield warned(f"{said}, which is not built yet", 'use mode = "paper"')
        return
    hint = "; omnivenue init writes a file to start from" if case.config.source == BUILT_IN else ""
    yield fine(said + hint)


def limits(case: Case) -> Iterator[Verdict]:
    """Outside of paper each must be set or waived by name."""
    if case.invalid is not None:
        said = [mistake.message for mistake in case.invalid.mistakes if mistake.path == LIMITS]
        mend = f'write each into {case.invalid.source}, as [[risk.limits]], or say "waived"'
        yield from (broken(message, mend) for message in said)
    if case.config is None:
        return
    document = show(case.config)
    rows = document["risk"]["limits"]
    waived = sum(row["state"] == "waived" for row in rows)
    for warning in document["warnings"]:
        yield warned(warning, f"say it in {case.config.source}; omnivenue config show lists them")
    if not document["warnings"]:
        yield fine(f"{len(rows) - waived} set, {waived} waived")


def chains(case: Case) -> Iterator[Verdict]:
    """Of each that is configured, the pools that its routes are priced over."""
    if case.config is None:
        return
    there = chains_of(case.config)
    for chain in case.config.chains:
        name, found = chain.chain.lower(), there.market(there.chain(chain.chain))
        if chain.pools is None:
            yield fine(f"{name} has no pools, so no route on it is priced")
        elif isinstance(found, Reason):
            yield broken(f"{name}: {found.message}", f"mend {chain.pools}, or name another file")
        elif faulty := found.pools.faulty:
            first = next(iter(faulty))
            said = f"{name}: {len(faulty)} of its pools are wrong, {first} among them"
            yield warned(said, f"omnivenue quote --pools {chain.pools} says what is wrong")
        else:
            yield fine(f"{name}: {len(found.pools.listed)} pools")


def what_holds(case: Case) -> Iterator[Verdict]:
    """What was changed while running holds until the file itself changes."""
    if case.config is None or case.standing is None:
        return
    state = case.standing.state
    to_come = sections_to_come(state, case.config)
    if to_come:
        text = f"{case.config.source} has other {', '.join(to_come)} than at the last start"
        restart = "start the server again: it takes them then"
        yield (
            warned(text, restart) if case.is_answered else fine(f"{text}: the next one takes them")
        )
        return
    found = limits_otherwise(state, case.config)
    for row in found:
        said = f"{row.name} of {row.scope} is {row.holds or 'waived'}, and {_of_file(row.file)}"
        back = f"omnivenue risk --set {row.name}={row.file or 'waived'} --scope {row.scope}"
        yield warned(said, f"{back} --reason …, or write into the file what shall hold")
    if not found:
        yield fine("as the file has it")


def _of_file(value: str | None) -> str:
    return "waived in the file" if value is None else f"{value} in the file"


_SCHEMA = "omnivenue config schema says what may stand there"
