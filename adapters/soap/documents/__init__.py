"""The documents of VærdilisteRediger: requests read and judged, answers written.  Pure: no I/O but the schema's files,
no clock, no await.
"""
