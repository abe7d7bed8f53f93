"""The table of verbs."""

from omnivenue.cli import (
    arb_verb,
    checking_verbs,
    control_verbs,
    order_verbs,
    process_verbs,
    quote_verb,
    replay_verb,
    settings_verbs,
    status_verb,
    tables_verbs,
    token_verbs,
    view_verbs,
)
from omnivenue.cli.unbuilt import UNBUILT, add_unbuilt
from omnivenue.cli.verb import Verb, group

app = group("Executes trading instructions on any venue: one journal, one risk gate, every venue.")
order = group("Orders: place, look, cancel, replace.")
token = group("Who may call the server of a mode. Works on the file; a running server follows.")
config = group("The configuration: is it right, and what holds.")
views = group("The read tables for SQL users, `views.db` of a mode.")

for verb, group_of_it, name in (
    (process_verbs.demo, app, "demo"),
    (checking_verbs.init, app, "init"),
    (process_verbs.serve, app, "serve"),
    (status_verb.status, app, "status"),
    (order_verbs.place, order, "place"),
    (order_verbs.show, order, "show"),
    (order_verbs.cancel, order, "cancel"),
    (order_verbs.cancel_all, order, "cancel-all"),
    (order_verbs.replace, order, "replace"),
    (order_verbs.pause, order, "pause"),
    (order_verbs.resume, order, "resume"),
    (order_verbs.list_orders, order, "list"),
    (order_verbs.submit, app, "submit"),
    (view_verbs.instruments, app, "instruments"),
    (view_verbs.book, app, "book"),
    (view_verbs.positions, app, "positions"),
    (view_verbs.balances, app, "balances"),
    (view_verbs.fills, app, "fills"),
    (view_verbs.pnl, app, "pnl"),
    (control_verbs.risk, app, "risk"),
    (control_verbs.kill, app, "kill"),
    (control_verbs.rearm, app, "rearm"),
    (control_verbs.reconcile, app, "reconcile"),
    (control_verbs.adjust, app, "adjust"),
    (token_verbs.create, token, "create"),
    (token_verbs.list_tokens, token, "list"),
    (token_verbs.revoke, token, "revoke"),
    (tables_verbs.rebuild, views, "rebuild"),
    (tables_verbs.status, views, "status"),
    (replay_verb.replay, app, "replay"),
    (quote_verb.quote, app, "quote"),
    (arb_verb.arb, app, "arb"),
    (checking_verbs.doctor, app, "doctor"),
    (process_verbs.bench, app, "bench"),
    (settings_verbs.check, config, "check"),
    (settings_verbs.show, config, "show"),
    (settings_verbs.schema, config, "schema"),
    (process_verbs.version, app, "version"),
):
    group_of_it.command(name, cls=Verb)(verb)

app.add_typer(order, name="order")
app.add_typer(token, name="token")
app.add_typer(config, name="config")
app.add_typer(views, name="views")
add_unbuilt(app, UNBUILT)
