"""Acts: how anybody changes anything. See docs/acts.md; a room of this package for each capability, all alike."""
