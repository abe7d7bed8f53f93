"""The kernel in plain Python: the same answers as the compiled one, slowly.

It serves where the compiled one is absent, and it is what that one is held against. Each file is
one curve or one step of the search; nothing here knows anything else of the system.
"""
