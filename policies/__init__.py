"""Policy packs per region as data, and pure evaluators that answer with rule, article and reason."""

from policies.book import Policies, check_cases, load_policies
from policies.table import PackError

__all__ = ["PackError", "Policies", "check_cases", "load_policies"]
