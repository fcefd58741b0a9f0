"""The recorder: a list that grows on the hot path and is written in chunks behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiosqlite
import structlog

from broker.errors import NotAvailable
from broker.trace.archive import Archive, TraceArchive
from broker.trace.record import Query, Record

_log = structlog.get_logger(__name__)

_CHUNK = 1000
"""Records to a chunk: about 2 ms of JSON, so that writing one never shows in a latency."""
_LINGER = 0.25
"""Seconds a record may wait before it is written."""
_MAX_WAITING = 200_000
"""Records that may wait; beyond it the oldest are dropped and counted rather than memory grown."""
_RETRY = 1.0
"""Seconds until an archive that could not be written is tried again."""


class Trace:
    """Takes records at the cost of a list append; answers questions from disk and from what still waits.

    Open with `open`, close with `close`; without a path it keeps the newest ``max_records`` in memory only; 0 = off.
    ``archive``: where to keep them instead of in a file at ``path``.
    """

    def __init__(self, path: Path | None, max_records: int = 1_000_000, *, archive: TraceArchive | None = None) -> None:
        self._archive = archive or (Archive(path, max_records) if path is not None else None)
        self._max_records = max_records
        self._waiting: list[Record] = []
        self._writer: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._write_lock = asyncio.Lock()
        self.dropped = 0
        """Records lost because disk or database could not keep up."""
        self._lost = False
        """Whether the archive could not be written the last time."""

    async def open(self) -> None:
        """Raises StoreError."""
        if self._archive is not None:
            await self._archive.open()
            self._writer = asyncio.create_task(self._write(), name="trace")

    async def close(self) -> None:
        if self._archive is None:
            return
        if self._writer is not None:
            async with self._write_lock:  # not in the midst of a chunk
                self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        try:
            await self._flush()
            if self._waiting:
                self.dropped += len(self._waiting)
                _log.warning("trace records not written at the end", count=len(self._waiting))
        finally:
            await self._archive.close()

    def add(self, record: Record) -> None:
        """Note one record; never waits, never fails."""
        if not self._max_records:
            return
        waiting = self._waiting
        if not waiting:
            self._wake.set()
        waiting.append(record)
        if len(waiting) > _MAX_WAITING:
            self._shed()

    async def find(self, query: Query) -> list[Record]:
        """Records that answer the query, oldest first.

        Asked for a BeskedId or TransaktionsId, it also gives what happened to those messages later.
        """
        own = await self._find(query)
        if query.besked_id is None and query.transaktions_id is None:
            return own
        heads = own if query.what is None else await self._find(Query(query.besked_id, query.transaktions_id))
        seqs = frozenset(seq for record in heads if record.what == "accepted" for seq in record.seqs)
        if not seqs:
            return own
        merged = {id(record): record for record in own}
        seen = {(record.time, record.what, record.seqs, record.dueslag) for record in own}
        for record in await self._about(seqs, query):
            if (record.time, record.what, record.seqs, record.dueslag) not in seen:
                merged[id(record)] = record
        return sorted(merged.values(), key=lambda record: record.time)[-query.limit :]

    async def forget(self) -> None:
        """Remove every record."""
        self._waiting.clear()
        if self._archive is not None:
            async with self._write_lock:
                await self._archive.forget()

    def _shed(self) -> None:
        keep = min(self._max_records, _MAX_WAITING) * 3 // 4
        if self._archive is not None:
            self.dropped += len(self._waiting) - keep
        del self._waiting[:-keep]

    async def _find(self, query: Query) -> list[Record]:
        if self._archive is None:
            return [record for record in self._waiting if query.accepts(record)][-query.limit :]
        await self._flush()
        return await self._archive.find(query)

    async def _about(self, seqs: frozenset[int], query: Query) -> list[Record]:
        if self._archive is None:
            return [r for r in self._waiting if seqs.intersection(r.seqs) and query.fits(r)][-query.limit :]
        return await self._archive.about(seqs, query)

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_RETRY if self._lost else _LINGER)
            await self._flush()

    async def _flush(self) -> None:
        async with self._write_lock:
            while self._waiting:
                chunk = self._waiting[:_CHUNK]
                del self._waiting[:_CHUNK]
                if not await self._append(chunk):
                    return
            self._wake.clear()

    async def _append(self, chunk: list[Record]) -> bool:
        """Write one chunk; False = no more can be written now."""
        assert self._archive is not None
        try:
            await self._archive.append(chunk)
        except NotAvailable as error:
            self._say_lost(str(error))
            self._waiting[:0] = chunk
            if len(self._waiting) > _MAX_WAITING:
                self._shed()
            return False
        except aiosqlite.Error as error:  # a full disk: the trace is no promise, the messages are
            self._drop(chunk)
            self._say_lost(str(error))
            return False
        except Exception:  # a bug of ours costs this chunk, not the trace
            self._drop(chunk)
            _log.exception("trace records dropped", count=len(chunk))
        else:
            self._say_found()
        return True

    def _drop(self, chunk: list[Record]) -> None:
        self.dropped += len(chunk)

    def _say_lost(self, reason: str) -> None:
        if not self._lost:
            _log.warning("trace not written for now", reason=reason, dropped=self.dropped)
        self._lost = True

    def _say_found(self) -> None:
        if self._lost:
            _log.info("trace written again", dropped=self.dropped)
        self._lost = False
