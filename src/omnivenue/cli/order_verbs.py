"""Instructions: `order place | show | cancel | cancel-all | replace | list`, and `submit`."""
# ruff: noqa: PLC0415 -- what a verb needs is imported when it runs, so that --help is quick

from typing import Annotated, Any

import typer

from omnivenue.cli import out
from omnivenue.cli.verb import Json, Key, Wait
from omnivenue.cli.words import OrderType, Side, Tif, Trigger

Text = Annotated[str | None, typer.Option()]
Amount = Annotated[str | None, typer.Option(metavar="DECIMAL")]
OrderID = Annotated[str, typer.Argument(metavar="ID")]
LIST_COLUMNS = (
    *("id", "instrument", "side", "type", "qty", "price", "status", "cum_qty", "avg_px"),
    *("strategy_id", "updated_at"),
)


def place(  # noqa: PLR0913, PLR0917  # one for each thing that can be said of an order
    instrument: Annotated[str, typer.Option(metavar="ID")],
    side: Annotated[Side, typer.Option()],
    qty: Annotated[str, typer.Option(metavar="DECIMAL")],
    type_: Annotated[OrderType | None, typer.Option("--type", help="Else by --price.")] = None,
    price: Amount = None,
    stop_price: Amount = None,
    trigger_by: Annotated[Trigger | None, typer.Option()] = None,
    tif: Annotated[Tif | None, typer.Option(help="Else gtc; of a market order ioc.")] = None,
    expire_at: Annotated[str | None, typer.Option(metavar="TIME", help="ISO 8601 or ns.")] = None,
    post_only: Annotated[bool, typer.Option("--post-only")] = False,
    reduce_only: Annotated[bool, typer.Option("--reduce-only")] = False,
    candidates: Annotated[str | None, typer.Option(metavar="ID1,ID2")] = None,
    take_profit: Amount = None,
    stop_loss: Amount = None,
    oco: Annotated[str | None, typer.Option(metavar="GROUP")] = None,
    algo: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="K=V", help="Of --algo.")] = None,
    strategy: Text = None,
    account: Text = None,
    key: Key = None,
    allow_duplicate: Annotated[bool, typer.Option("--allow-duplicate")] = False,
    wait: Wait = None,
    as_json: Json = False,
) -> int:
    """Places an order."""
    from omnivenue.cli.send import send

    given: dict[str, Any] = {
        "id": key,
        "instrument": instrument,
        "side": side,
        "qty": qty,
        "type": type_,
        "price": price,
        "stop_price": stop_price,
        "trigger_by": trigger_by,
        "tif": tif,
        "expire_at": expire_at,
        "post_only": post_only or None,
        "reduce_only": reduce_only or None,
        "candidates": None if candidates is None else candidates.split(","),
        "take_profit": None if take_profit is None else {"price": take_profit},
        "stop_loss": None if stop_loss is None else {"stop_price": stop_loss, "price": None},
        "oco": oco,
        "algo": _algo(algo, param or []),
        "strategy_id": strategy,
        "account": account,
        "allow_duplicate": allow_duplicate or None,
    }
    # What was not said is left out: the server's defaults are the server's business. What was said
    # and is empty is not: a variable that is not set must not take a stop off an order.
    said = {name: value for name, value in given.items() if value is not None}
    return send({"kind": "order", **said}, wait, as_json=as_json)


def show(order_id: OrderID, as_json: Json = False) -> None:
    """One order, with its fills."""
    from omnivenue.cli.send import show_order
    from omnivenue.client import Client

    with Client() as client:
        order = client.find_order(order_id)
    if as_json:
        out.document(order)
    else:
        show_order(order)


def cancel(order_id: OrderID, key: Key = None, wait: Wait = None, as_json: Json = False) -> int:
    """Cancels an order; what was filled before stays filled."""
    from omnivenue.cli.send import send

    document = {"kind": "cancel", "id": key, "order_id": order_id}
    return send(document, wait, as_json=as_json)


def pause(order_id: OrderID, key: Key = None, as_json: Json = False) -> int:
    """An algorithm sends no further children; those that work go on."""
    from omnivenue.cli.send import send

    return send({"kind": "pause", "id": key, "order_id": order_id}, None, as_json=as_json)


def resume(order_id: OrderID, key: Key = None, as_json: Json = False) -> int:
    """A paused algorithm goes on where it was."""
    from omnivenue.cli.send import send

    return send({"kind": "resume", "id": key, "order_id": order_id}, None, as_json=as_json)


def cancel_all(
    venue: Text = None,
    instrument: Text = None,
    strategy: Text = None,
    key: Key = None,
    wait: Wait = None,
    as_json: Json = False,
) -> int:
    """Cancels every working order, or those that are named."""
    from omnivenue.cli.send import send

    scope = {"venue": venue, "instrument": instrument, "strategy_id": strategy}
    return send({"kind": "cancel_all", "id": key, **scope}, wait, as_json=as_json)


def replace(
    order_id: OrderID,
    qty: Amount = None,
    price: Amount = None,
    key: Key = None,
    wait: Wait = None,
    as_json: Json = False,
) -> int:
    """Changes price or quantity, which is all of it, filled or not."""
    from omnivenue.cli.send import send

    if qty is None and price is None:
        raise typer.BadParameter("what shall change?", param_hint="--qty, --price")
    document = {"kind": "replace", "id": key, "order_id": order_id, "qty": qty, "price": price}
    return send(document, wait, as_json=as_json)


def list_orders(
    status: Text = None,
    venue: Text = None,
    instrument: Text = None,
    strategy: Text = None,
    as_json: Json = False,
) -> None:
    """All orders there have been, the oldest first."""
    from omnivenue.cli.view_verbs import show_list

    show_list(
        "orders",
        LIST_COLUMNS,
        as_json=as_json,
        status=status,
        venue=venue,
        instrument=instrument,
        strategy=strategy,
    )


def submit(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="-: standard input.")],
    wait: Wait = None,
    as_json: Json = False,
) -> int:
    """Any instruction: JSON, a list of them, or one a line."""
    from omnivenue.cli.submitting import submit_all

    return submit_all(file, wait, as_json=as_json)


def _algo(name: str | None, params: list[str]) -> dict[str, Any] | None:
    pairs = [param.partition("=") for param in params]
    wrong = [key for key, is_there, _ in pairs if not (key and is_there)]
    if wrong or (params and name is None):
        text = f"{wrong[0]!r} must be K=V" if wrong else "needs --algo"
        raise typer.BadParameter(text, param_hint="--param")
    values = {key: _value(text) for key, _, text in pairs}
    return None if name is None else {"name": name, **values}


def _value(text: str) -> str | int | bool:
    """Whole numbers and switches as such; amounts are texts on the wire."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdecimal() and len(text) <= 18 else text
