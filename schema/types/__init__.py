"""GraphQL types: what exists and what it means, in English and Chinese. No I/O, no policy."""
