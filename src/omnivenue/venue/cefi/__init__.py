"""Centralised crypto exchanges. One folder each; they do not import one another."""
