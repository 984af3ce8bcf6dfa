"""People: who they are, how they sign in, and tokens for them by authorization code."""
