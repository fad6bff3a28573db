"""Everything Atelier refuses, as one tree of errors that carry their data.

AtelierError
├── BadInput              what was sent cannot be used
│   ├── NoSuchFile            nothing lies at that path
│   ├── UnreadablePicture     not a picture, or a damaged one
│   ├── PictureTooLarge       more pixels than MAX_PIXELS
│   ├── PictureTooSmall       too few pixels to draw on
│   ├── PictureTooNarrow      longer than MAX_ASPECT times its width
│   ├── BodyTooLarge          more bytes than MAX_UPLOAD_BYTES
│   ├── NothingToTrace        a blank sketch
│   ├── UnknownField          a form field that nobody reads
│   └── BadValue              a parameter outside its range
├── NotFound              the name means nothing here
│   └── UnknownStyle
├── Refused               understood, and not allowed
│   ├── StyleExists
│   ├── StyleProtected        shipped styles are never written to
│   ├── MissingKey
│   └── ForeignOrigin         another site, or another name for this machine, where there are no keys
├── LibraryBroken         what lies on disk cannot be used
│   ├── NoStyles
│   ├── CorruptCatalogue
│   └── StyleUnreadable
├── StoreError
│   ├── StoreMismatch         another embedding model, dimension or space wrote it
│   ├── StoreDamaged          its files cannot be read
│   ├── StoreBusy             another process owns the directory
│   ├── StoreFull             the disk, or the server's memory
│   └── StoreUnreachable      its server does not answer
├── ModelMissing          a model's files are not installed
└── BadSetting            an environment variable or a line of .env

Every error says what happened (naming the value), what to do about it, and keeps both as data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def _whole(value: Any) -> Any:
    """Text without halves of characters, as names from disks of other encodings have them; JSON cannot hold those."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


class AtelierError(Exception):
    """Base of all refusals: `message` names the value, `remedy` what to do, `data` the rest."""

    def __init__(self, message: str, remedy: str = "", **data: Any) -> None:
        super().__init__(message)
        self.message, self.remedy = _whole(message), _whole(remedy)
        self.data = {key: _whole(value) for key, value in data.items()}

    @property
    def type(self) -> str:
        """The error's name as clients see it: `PictureTooLarge` -> `picture_too_large`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.__class__.__name__).lower()

    def as_dict(self) -> dict[str, Any]:
        """`{"type", "message", "remedy", ...data}`, ready for JSON."""
        return {"type": self.type, "message": self.message, "remedy": self.remedy, **self.data}

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class BadInput(AtelierError):
    """What was sent cannot be used."""


class NoSuchFile(BadInput):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be opened ({reason})", "check the path", path=path, reason=reason)


class UnreadablePicture(BadInput):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} cannot be read as a picture ({reason})",
            "send a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC file",
            name=name,
            reason=reason,
        )


class PictureTooLarge(BadInput):
    def __init__(self, name: str, width: int, height: int, limit: int) -> None:
        super().__init__(
            f"{name} is {width}x{height} px; the limit is {limit:,} pixels",
            "send a smaller picture or raise MAX_PIXELS",
            name=name,
            width=width,
            height=height,
            limit=limit,
        )


class PictureTooSmall(BadInput):
    def __init__(self, name: str, width: int, height: int, least: int) -> None:
        super().__init__(
            f"{name} is {width}x{height} px; both sides need at least {least} px",
            "send a larger picture",
            name=name,
            width=width,
            height=height,
            least=least,
        )


class PictureTooNarrow(BadInput):
    def __init__(self, name: str, width: int, height: int, limit: int) -> None:
        super().__init__(
            f"{name} is {width}x{height} px; one side may be at most {limit} times the other",
            "crop it, or pad it to a wider shape",
            name=name,
            width=width,
            height=height,
            limit=limit,
        )


class BodyTooLarge(BadInput):
    def __init__(self, limit: int, size: int | None = None) -> None:
        told = f"the request body is {size:,} bytes" if size is not None else "the request body is too long"
        super().__init__(
            f"{told}; the limit is {limit:,} bytes", "send less, or raise MAX_UPLOAD_BYTES", limit=limit, size=size
        )


class NothingToTrace(BadInput):
    def __init__(self, low: int, high: int) -> None:
        super().__init__(
            f"the sketch is blank: Canny finds no edge at low_threshold={low}, high_threshold={high}",
            "draw something, or lower the thresholds for a pale drawing",
            low_threshold=low,
            high_threshold=high,
        )


class BadValue(BadInput):
    def __init__(self, field: str, value: object, allowed: str) -> None:
        shown = repr(value) if len(repr(value)) <= 80 else repr(value)[:77] + "..."
        super().__init__(f"{field}={shown} is not possible", f"{field} takes {allowed}", field=field, value=shown)


class UnknownField(BadInput):
    def __init__(self, field: str, known: Iterable[str]) -> None:
        names = list(known)
        super().__init__(
            f"there is no field {field[:80]!r}",
            f"leave it out; the fields are {', '.join(names)}",
            field=field[:80],
            known=names,
        )


class NotFound(AtelierError):
    """The name means nothing here."""


class UnknownStyle(NotFound):
    def __init__(self, style_id: str, known: Iterable[str]) -> None:
        names = list(known)
        shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
        super().__init__(
            f"no style is called {style_id[:80]!r}", f"use one of: {shown}", style=style_id[:80], known=names[:20]
        )


class Refused(AtelierError):
    """Understood, and not allowed."""


class StyleExists(Refused):
    def __init__(self, style_id: str) -> None:
        super().__init__(
            f"a style is already called {style_id!r}", "choose another name, or remove that one first", style=style_id
        )


class StyleProtected(Refused):
    def __init__(self, style_id: str, folder: str) -> None:
        super().__init__(
            f"{style_id!r} is a shipped style and is never written to",
            f"take its picture out of {folder} by hand if you do not want it",
            style=style_id,
        )


class MissingKey(Refused):
    def __init__(self) -> None:
        super().__init__(
            "this server wants an API key, and the request has none that it knows",
            "send one as X-API-Key, or as Authorization: Bearer; whoever runs the server makes them",
        )


class ForeignOrigin(Refused):
    def __init__(self, header: str, value: str) -> None:
        super().__init__(
            f"{header} is {value[:80]!r}, and without API_KEYS only this machine may ask",
            "ask at 127.0.0.1 or localhost; or have a key made, and send it",
            header=header,
            value=value[:80],
        )


class LibraryBroken(AtelierError):
    """What lies on disk cannot be used."""


class NoStyles(LibraryBroken):
    def __init__(self, folders: Iterable[str]) -> None:
        places = " or ".join(folders)
        super().__init__(
            "the style library is empty", f"put a picture into {places}, with a .txt of words beside it", folders=places
        )


class CorruptCatalogue(LibraryBroken):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be used ({reason})", "mend the file or restore it", path=path, reason=reason)


class StyleUnreadable(LibraryBroken):
    def __init__(self, style_id: str, path: str, reason: str) -> None:
        super().__init__(
            f"the picture of style {style_id!r} cannot be used ({reason})",
            f"put {path} back, or remove the style",
            style=style_id,
            path=path,
            reason=reason,
        )


class StoreError(AtelierError):
    """A vector store refuses."""


class StoreMismatch(StoreError):
    def __init__(self, collection: str, what: str, found: object, wanted: object) -> None:
        super().__init__(
            f"collection {collection!r} was written with {what} {found}, and {wanted} wants to read it",
            "embed its pictures anew into another collection, or go back to the former setting",
            collection=collection,
            what=what,
            found=str(found),
            wanted=str(wanted),
        )


class StoreDamaged(StoreError):
    def __init__(self, directory: str, reason: str) -> None:
        super().__init__(
            f"the vector store in {directory} cannot be opened ({reason})",
            "move that folder away; what it held is made anew",
            directory=directory,
            reason=reason,
        )


class StoreBusy(StoreError):
    def __init__(self, directory: str, owner: str) -> None:
        super().__init__(
            f"{directory} is owned by {owner}",
            "stop that process, or set DATA_DIR to another folder",
            directory=directory,
            owner=owner,
        )


class StoreFull(StoreError):
    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"{place} cannot take more ({reason})", "make room there; nothing that is kept was lost", place=place
        )


class StoreUnreachable(StoreError):
    def __init__(self, setting: str, address: str, reason: str) -> None:
        super().__init__(
            f"{setting}={address} does not answer ({reason})",
            f"start that server, or set {setting} to where it is",
            setting=setting,
            address=address,
        )


class ModelMissing(AtelierError):
    def __init__(self, model: str, reason: str, remedy: str) -> None:
        super().__init__(f"{model} cannot be loaded ({reason})", remedy, model=model, reason=reason)


class BadSetting(AtelierError):
    def __init__(self, name: str, value: object, reason: str) -> None:
        super().__init__(
            f"{name}={value!r} cannot be used ({reason})",
            f"set {name} in the environment or in .env as .env.example shows",
            name=name,
            reason=reason,
        )


def revive(told: Mapping[str, Any]) -> AtelierError:
    """The error of an `as_dict` that another process wrote; one of a type that is not known here is a plain one."""
    kinds, known = [AtelierError], {}
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        known[AtelierError.__new__(kind).type] = kind
    error = AtelierError.__new__(known.get(str(told.get("type")), AtelierError))
    data = {key: value for key, value in told.items() if key not in ("type", "message", "remedy")}
    AtelierError.__init__(error, str(told.get("message", "")), str(told.get("remedy", "")), **data)
    return error
