"""Citizens, forløb and letters in a party's database."""

from __future__ import annotations

from collections.abc import Iterable

from consumers.fagsystem.citizen import Citizen
from consumers.fagsystem.journal import Retning
from consumers.fagsystem.store import Store
from consumers.standards.letters import LETTERS, Brev
from consumers.standards.standard import Standard


def put_citizen(store: Store, citizen: Citizen) -> None:
    store.run(
        "INSERT INTO citizens VALUES (?, ?) ON CONFLICT (cpr) DO UPDATE SET data = excluded.data",
        citizen.cpr,
        citizen.model_dump_json(),
    )


def citizen(store: Store, cpr: str) -> Citizen | None:
    row = store.one("SELECT data FROM citizens WHERE cpr = ?", cpr)
    return None if row is None else Citizen.model_validate_json(row[0])


def citizens(store: Store) -> list[str]:
    """Their CPR numbers."""
    return [str(row[0]) for row in store.all("SELECT cpr FROM citizens ORDER BY cpr")]


def open_forloeb(store: Store, forloeb: str, cpr: str | None, tilstand: str) -> None:
    """A forløb of which no letter has come or gone."""
    store.run(
        "INSERT INTO forloeb (id, cpr, tilstand, number) VALUES (?, ?, ?, (SELECT count(*) FROM forloeb)) "
        "ON CONFLICT DO NOTHING",
        forloeb,
        cpr,
        tilstand,
    )


def forloeb_json(store: Store, forloeb: str) -> str | None:
    """The forløb as it was last put; None where it has had no letter."""
    row = store.one("SELECT data FROM forloeb WHERE id = ?", forloeb)
    return None if row is None else row[0]


def put_forloeb(store: Store, forloeb: str, tilstand: str, data: str) -> None:
    store.run("UPDATE forloeb SET tilstand = ?, data = ? WHERE id = ?", tilstand, data, forloeb)


def tilstand(store: Store, forloeb: str) -> str | None:
    row = store.one("SELECT tilstand FROM forloeb WHERE id = ?", forloeb)
    return None if row is None else str(row[0])


def forloeb_ids(store: Store) -> list[str]:
    """In the order in which they were opened."""
    return [str(row[0]) for row in store.all("SELECT id FROM forloeb ORDER BY number")]


def cpr_of(store: Store, forloeb: str) -> str | None:
    row = store.one("SELECT cpr FROM forloeb WHERE id = ?", forloeb)
    return None if row is None else row[0]


def set_follow_up(store: Store, forloeb: str, day: str | None) -> None:
    """The day of the next follow-up, as an ISO date."""
    store.run("UPDATE forloeb SET opfoelgning = ? WHERE id = ?", day, forloeb)


def follow_up(store: Store, forloeb: str) -> str | None:
    row = store.one("SELECT opfoelgning FROM forloeb WHERE id = ?", forloeb)
    return None if row is None else row[0]


def keep_letter(store: Store, brev: Brev, retning: Retning) -> None:
    """A letter that was applied."""
    store.run(
        "INSERT INTO letters (besked_id, retning, forloeb, standard, data_tidspunkt, document) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        brev.besked_id,
        retning,
        brev.forloebs_id,
        brev.standard,
        brev.data_tidspunkt.isoformat(),
        brev.model_dump_json(),
    )


def drop_letter(store: Store, besked_id: str) -> bool:
    """Take a letter out that was not to be; whether it was the newest of its forløb."""
    row = store.one("SELECT number, forloeb FROM letters WHERE besked_id = ?", besked_id)
    if row is None:
        return False
    number, forloeb = row
    store.run("DELETE FROM letters WHERE number = ?", number)
    return store.one("SELECT 1 FROM letters WHERE forloeb = ? AND number > ?", forloeb, number) is None


def letters(
    store: Store,
    forloeb: str | None = None,
    *,
    retning: Retning | None = None,
    standards: Iterable[Standard] = (),
    newest: bool = False,
) -> list[Brev]:
    """Letters applied, oldest first; with ``newest`` only the last."""
    terms, values = ["1"], list[str]()
    if forloeb is not None:
        terms.append("forloeb = ?")
        values.append(forloeb)
    if retning is not None:
        terms.append("retning = ?")
        values.append(retning)
    if wanted := list(standards):
        terms.append(f"standard IN ({', '.join('?' * len(wanted))})")
        values += wanted
    order = "DESC LIMIT 1" if newest else "ASC"
    sql = f"SELECT standard, document FROM letters WHERE {' AND '.join(terms)} ORDER BY number {order}"  # noqa: S608 - fixed texts
    return [_letter(*row) for row in store.all(sql, *values)]


def letter(store: Store, besked_id: str) -> Brev | None:
    row = store.one("SELECT standard, document FROM letters WHERE besked_id = ?", besked_id)
    return None if row is None else _letter(*row)


def count(store: Store, forloeb: str, standard: Standard, retning: Retning) -> int:
    row = store.one(
        "SELECT count(*) FROM letters WHERE forloeb = ? AND standard = ? AND retning = ?", forloeb, standard, retning
    )
    return int(row[0])


def add_note(store: Store, forloeb: str, text: str) -> None:
    store.run("INSERT INTO notes (forloeb, text) VALUES (?, ?)", forloeb, text)


def notes(store: Store, forloeb: str) -> list[str]:
    """What was written down of a citizen, oldest first."""
    return [str(row[0]) for row in store.all("SELECT text FROM notes WHERE forloeb = ? ORDER BY number", forloeb)]


def _letter(standard: str, document: str) -> Brev:
    return LETTERS[Standard(standard)].model_validate_json(document)
