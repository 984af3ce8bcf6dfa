"""Persons are known by tokens: elements of a prime-order group that the hub's secret key makes from an ID number.

The number itself is never kept. The key can be changed without the numbers, and two hubs can compare tokens by
multiplying blinded elements, so that neither sees the other's tokens.
"""

from graph_loaders.persons.tokens import Persons

__all__ = ["Persons"]
