"""Which abonnementer a message goes to, at a cost that follows the number of hits."""

from broker.core.matcher.matcher import Matcher

__all__ = ["Matcher"]
