"""Which limits bear on the orders of one account and strategy in one instrument.

Looked up once and remembered beside State: it is made of limits and listings alone, so nothing of
it is in a snapshot or a hash, and whoever changes a limit or a listing calls `forget`.
"""
