"""The tamper-evident log of everything that was told: no log, no answer."""

from hub.ledger.ledger import Ledger
from hub.ledger.receipts import Entry, Receipt

__all__ = ["Entry", "Ledger", "Receipt"]
