"""Who wrote what to whom, as a sequence diagram: Mermaid for pages, SVG for anything that shows pictures."""

from consumers.sequence.exchange import Exchange, exchanges
from consumers.sequence.mermaid import mermaid
from consumers.sequence.svg import svg

__all__ = ["Exchange", "exchanges", "mermaid", "svg"]
