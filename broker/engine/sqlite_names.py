"""Numbers for names: dueslag, abonnementer and senders are written once.  Pure."""

from __future__ import annotations


class Names:
    """A number per name, given out when first asked for; new ones are to be written with the batch that uses them."""

    def __init__(self, rows: list[tuple[int, str]] | None = None) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self.new: list[tuple[int, str]] = []
        """Given out since `keep_new`."""
        for number, text in rows or ():
            self._numbers[text] = number
            self._texts[number] = text
        self._next = max(self._texts, default=0) + 1

    def __getitem__(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._next
            self._next += 1
            self._numbers[text], self._texts[number] = number, text
            self.new.append((number, text))
        return number

    def get(self, text: str) -> int:
        """Its number, or 0 where it has none."""
        return self._numbers.get(text, 0)

    def text(self, number: int) -> str:
        return self._texts[number]

    def keep_new(self) -> None:
        """They are written."""
        self.new = []

    def forget_new(self) -> None:
        """They were not written."""
        for number, text in self.new:
            del self._numbers[text], self._texts[number]
        self.new = []
