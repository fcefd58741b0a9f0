"""The load generator: an open model of senders and receivers, a ledger of every message, and a report.

It is a witness like the other consumers: it speaks over the wire and knows nothing of the inside of what it loads.
"""
