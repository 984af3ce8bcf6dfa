"""What exists: records, identifiers, scopes, errors, ports and GraphQL types. No I/O happens here."""
