"""Wires the parts and serves them: application, settings, commands, authorisation, signatures, ledger, GraphQL."""
