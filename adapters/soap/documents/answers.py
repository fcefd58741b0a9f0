"""The answers of the eleven operations: StandardRetur, then what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.soap.documents.operation import Operation
from adapters.soap.documents.requests import Laes, List, Request
from adapters.soap.documents.writing import (
    OK,
    Shown,
    oejebliksbillede,
    registrering_of,
    standard_retur,
    uuid_identifikator,
    with_root,
)
from broker.core.model import Vaerdiliste


def refusal(operation: Operation, kode: int, tekst: str) -> bytes:
    """The XxxOutput with StandardRetur alone, for a request that could not be read, too.

    Characters of ``tekst`` that XML cannot hold become U+FFFD.
    """
    return with_root(operation, [standard_retur(kode, tekst)])


def answer(
    request: Request,
    kode: int = OK,
    tekst: str = "",
    *,
    uuid: str | None = None,
    registrering: tuple[Vaerdiliste, Sequence[str]] | None = None,
    resultater: Iterable[tuple[Vaerdiliste, Sequence[str]]] = (),
    idliste: Iterable[str] = (),
    siden: float | None = None,
) -> bytes:
    """The XxxOutput element in UTF-8, without XML declaration, with its own namespace declarations.

    ``registrering``: list and values for OpretOutput (inside Vaerdiliste, whose UUIDIdentifikator is ``uuid`` or the
    list's own), and for ImportOutput, RetOutput, PassiverOutput and SletOutput.  ``resultater``: for LaesOutput (one
    at most) and ListOutput, in the order of the request: a Registrering names no list (KOMBIT's schema).  Each is a
    FiltreretOejebliksbillede where the request has a filter on Virkning, else a Registrering (ours).  ``idliste``: for
    SoegOutput.  ``siden``: FraTidspunkt of lists without registrering; None = GraenseIndikator true, since always.

    With ``kode`` other than 20 there is StandardRetur only, whatever else is given.
    """
    operation = request.operation
    if kode != OK:
        return refusal(operation, kode, tekst)
    parts = [standard_retur(kode, tekst)]
    match request.operation:
        case Operation.OPRET if registrering is not None:
            parts += (
                "<Vaerdiliste>",
                uuid_identifikator(uuid or registrering[0].id),
                registrering_of(_shown(registrering, siden)),
                "</Vaerdiliste>",
            )
        case Operation.IMPORT | Operation.RET | Operation.PASSIVER | Operation.SLET if registrering is not None:
            parts.append(registrering_of(_shown(registrering, siden)))
        case Operation.LAES | Operation.LIST:
            snapshot = isinstance(request, Laes | List) and request.filtre.oejebliksbillede
            write = oejebliksbillede if snapshot else registrering_of
            for resultat in resultater:
                parts += ("<LaesResultat>", write(_shown(resultat, siden)), "</LaesResultat>")
        case Operation.SOEG:
            parts += ("<s:IdListe>", *map(uuid_identifikator, idliste), "</s:IdListe>")
    return with_root(operation, parts)


def _shown(resultat: tuple[Vaerdiliste, Sequence[str]], siden: float | None) -> Shown:
    return Shown(*resultat, siden)
