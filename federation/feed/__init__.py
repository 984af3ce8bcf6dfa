"""The change feed: what a hub tells its neighbours as it happens, and the copies that they keep."""
