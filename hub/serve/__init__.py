"""Running a hub: binding, workers, readiness, a graceful end."""
