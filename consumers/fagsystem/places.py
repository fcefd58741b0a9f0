"""Places of a tilbud, who has one, and who waits for one."""

from __future__ import annotations

from consumers.fagsystem.store import Store


def total(store: Store) -> int:
    return int(store.meta("places", "0"))


def set_total(store: Store, count: int) -> None:
    store.put_meta("places", str(count))


def free(store: Store) -> int:
    """Never under 0."""
    return max(0, total(store) - int(store.one("SELECT count(*) FROM places")[0]))


def has(store: Store, forloeb: str) -> bool:
    return store.one("SELECT 1 FROM places WHERE forloeb = ?", forloeb) is not None


def take(store: Store, forloeb: str) -> None:
    """A place; who takes one waits no more."""
    store.run("INSERT INTO places VALUES (?) ON CONFLICT DO NOTHING", forloeb)
    store.run("DELETE FROM waiting WHERE forloeb = ?", forloeb)


def vacate(store: Store, forloeb: str) -> None:
    """The place is free again, and who waited for one waits no more."""
    store.run("DELETE FROM places WHERE forloeb = ?", forloeb)
    store.run("DELETE FROM waiting WHERE forloeb = ?", forloeb)


def wait(store: Store, forloeb: str, match: str) -> None:
    """Onto the waiting list, with the BeskedId of the match; who is on it already keeps the place in the queue."""
    store.run(
        "INSERT INTO waiting (forloeb, besked_id) VALUES (?, ?) "
        "ON CONFLICT (forloeb) DO UPDATE SET besked_id = excluded.besked_id",
        forloeb,
        match,
    )


def waiting(store: Store) -> list[str]:
    """The forløb on the waiting list, first come first."""
    return [str(row[0]) for row in store.all("SELECT forloeb FROM waiting ORDER BY number")]


def first_waiting(store: Store) -> tuple[str, str] | None:
    """Forløb and BeskedId of the match of the first on the list, who is taken off it."""
    row = store.one("SELECT forloeb, besked_id FROM waiting ORDER BY number LIMIT 1")
    if row is None:
        return None
    store.run("DELETE FROM waiting WHERE forloeb = ?", row[0])
    return str(row[0]), str(row[1])
