"""Everything of one hub, copied while it runs, and put back into an empty place."""

from hub.backup.making import make_backup
from hub.backup.restoring import restore_backup

__all__ = ["make_backup", "restore_backup"]
