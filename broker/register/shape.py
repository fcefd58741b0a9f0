"""Whether the data of a file has the shape of a register, section by section; says all that has not.  Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from broker.register import edge
from broker.register.problem import nearest
from broker.register.source import Path

POSTS: Mapping[str, type[BaseModel]] = {
    "myndigheder": edge.Myndighed,
    "anvendersystemer": edge.Anvendersystem,
    "beskedtyper": edge.Beskedtype,
    "serviceaftaler": edge.Serviceaftale,
    "dueslag": edge.Dueslag,
    "abonnementer": edge.Abonnement,
    "vaerdilister": edge.Vaerdiliste,
}

_NESTED: Mapping[Path, type[BaseModel]] = {("registrering",): edge.Registrering}
"""Fields that are mappings of their own."""


class Shape:
    """What was found: the posts that are well formed, with their positions, and what is wrong with the others."""

    def __init__(self) -> None:
        self.posts: dict[str, list[tuple[int, object]]] = {}
        self.faults: list[tuple[Path, str, bool]] = []
        """Path, what is wrong, and whether the *key* at that path is what is wrong."""
        self.broken: dict[str, set[str]] = {}
        """Section → ids and names of the posts with faults: what refers to them is not to blame."""
        self.lost: set[str] = set()
        """Sections that could not be read at all."""

    def read(self, data: object) -> Shape:
        """Judge the data of a whole file."""
        if not isinstance(data, dict):
            wanted = ", ".join(POSTS)
            self._say((), f"is {_kind(data)}; expected a mapping with {wanted}")
            return self
        for section, posts in data.items():
            if section not in POSTS:
                hint = nearest(section, POSTS)
                self.lost.update(name for name in POSTS if f"'{name}'" in hint)
                self._say((section,), f"unknown section; expected one of {', '.join(POSTS)}{hint}", key=True)
            elif isinstance(posts, list):
                self._section(section, posts)
            elif posts is not None:
                self.lost.add(section)
                self._say((section,), f"is {_kind(posts)}; expected a list, each item after a '-'")
        return self

    def _section(self, section: str, posts: list[object]) -> None:
        well: list[tuple[int, object]] = self.posts.setdefault(section, [])
        model = POSTS[section]
        for position, post in enumerate(posts):
            try:
                well.append((position, model.model_validate(post)))
            except ValidationError as error:
                faults = error.errors(include_url=False)
                for details in faults:
                    self._explain((section, position), details, model)
                if isinstance(post, dict):
                    names = (str(post[field]).strip() for field in ("id", "navn", "cvr") if field in post)
                    self.broken.setdefault(section, set()).update(names)
                    if (rest := _without(post, faults, model)) is not None:
                        well.append((position, rest))

    def _explain(self, here: Path, details: ErrorDetails, model: type[BaseModel]) -> None:
        path = (*here, *details["loc"])
        within = _NESTED.get(path[2:3])
        fields = tuple((within or model).model_fields)
        given, context = details["input"], details.get("ctx", {})
        match details["type"]:
            case "missing":
                where = f"every item of {path[0]}" if within is None else f"every {path[2]}"
                self._say(path[:-1], f"the field {path[-1]} is missing; expected it in {where}")
            case "extra_forbidden":
                word = str(path[-1])
                text = f"unknown field; expected one of {', '.join(fields)}"
                self._say(path, text + nearest(word, fields), key=True)
            case "literal_error":
                words = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")]
                text = f"is {_kind(given)}; expected {' or '.join(words)}"
                self._say(path, text + (nearest(given, words) if isinstance(given, str) and given.isalpha() else ""))
            case "model_type":
                self._say(path, f"is {_kind(given)}; expected a mapping with {', '.join(fields)}")
            case "string_type":
                self._say(path, f"is {_kind(given)}; expected a text")
            case "list_type":
                self._say(path, f"is {_kind(given)}; expected a list, each item after a '-'")
            case "bool_type":
                self._say(path, f"is {_kind(given)}; expected true or false")
            case "string_too_short":
                self._say(path, "is empty; expected a text, or the field left out")
            case "value_error":
                self._say(path, str(context["error"]))
            case _:
                self._say(path, f"is {_kind(given)}: {details['msg']}")

    def _say(self, path: Path, text: str, *, key: bool = False) -> None:
        self.faults.append((path, text, key))


def _without(post: dict[str, object], faults: list[ErrorDetails], model: type[BaseModel]) -> object | None:
    """The post without the fields at fault, so that what else is wrong with it can be told; None = nothing is left."""
    bad = {details["loc"][0] for details in faults if details["loc"]}
    try:
        return model.model_validate({field: value for field, value in post.items() if field not in bad})
    except ValidationError:
        return None


def _kind(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return f"'{value}'"
