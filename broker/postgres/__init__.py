"""PostgreSQL, as the register and the trace use it: connections, what goes wrong with them, versions of tables.

Nothing of this is imported by a start without ``--database``: SQLAlchemy and asyncpg take a third of a second.
"""
