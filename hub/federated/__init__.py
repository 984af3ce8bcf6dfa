"""The hub among its neighbours: what it answers them, what it asks them, and the federated root fields."""
