"""Sample cities: invented files in the formats that real platforms send, for the demo, tests and first tries."""

from graph_loaders.sample.cities import CITIES, City, make_city, make_delta

__all__ = ["CITIES", "City", "make_city", "make_delta"]
