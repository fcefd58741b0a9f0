"""The demo: three municipalities and four tilbud, who meet over the wire only."""
