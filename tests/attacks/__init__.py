"""Attacks on a hub from outside, over HTTP only: ``python -m tests.attacks URL`` or ``make attacks URL=…``."""
