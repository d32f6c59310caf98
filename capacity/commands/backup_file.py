"""The file of a backup: one stream of records, compressed, in chunks that each carry a seal.

    a line: capacity backup 1      what this is, and the version of this layout
    a line: {"sealed": …, "salt"…  how the chunks are sealed
    length, chunk, length, chunk   4 bytes, big-endian; the chunk ends with 16 bytes of seal

With a key a chunk is encrypted by AES-256-GCM under a key made by scrypt; without one its seal is the beginning of a
SHA-256. Either covers the two lines above, the chunk's number and whether it is the last, so that a file that was cut,
changed or put together from two is noticed at the first wrong chunk. Inside, after zlib, are records: a letter, four
bytes of length, a body.
"""

import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import scrypt, sha256
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from capacity.errors import FileRefused

MAGIC = b"capacity backup 1\n"
KIND = b"capacity backup "
CHUNK_BYTES = 1 << 20
SEAL_BYTES = 16
LEVEL = 3
MOST_HEADER_BYTES = 4_096
SCRYPT = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 1 << 26, "dklen": 32}

Record = tuple[bytes, bytes]
"""A letter and a body."""


class Seal(Protocol):
    """Closes chunks and opens them again; both are told the chunk's number and whether it is the last."""

    def close(self, number: int, chunk: bytes, *, is_last: bool) -> bytes:
        """The chunk with its seal."""

    def open(self, number: int, closed: bytes, *, is_last: bool) -> bytes | None:
        """The chunk; None when it is not what was closed."""


class Sum:
    """Tells a chunk that was damaged."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def close(self, number: int, chunk: bytes, *, is_last: bool) -> bytes:
        return chunk + self._sum(number, chunk, is_last=is_last)

    def open(self, number: int, closed: bytes, *, is_last: bool) -> bytes | None:
        chunk, seal = closed[:-SEAL_BYTES], closed[-SEAL_BYTES:]
        return chunk if seal == self._sum(number, chunk, is_last=is_last) else None

    def _sum(self, number: int, chunk: bytes, *, is_last: bool) -> bytes:
        return sha256(self._header + _place(number, is_last=is_last) + chunk).digest()[:SEAL_BYTES]


class Lock:
    """Hides what a chunk says from who has no key, and tells one that was changed."""

    def __init__(self, header: bytes, key: bytes, salt: bytes) -> None:
        self._header = header
        self._cipher = AESGCM(scrypt(key, salt=salt, **SCRYPT))

    def close(self, number: int, chunk: bytes, *, is_last: bool) -> bytes:
        place = _place(number, is_last=is_last)  # the key is this file's alone, so no nonce is used twice
        return self._cipher.encrypt(place, chunk, self._header)

    def open(self, number: int, closed: bytes, *, is_last: bool) -> bytes | None:
        try:
            return self._cipher.decrypt(_place(number, is_last=is_last), closed, self._header)
        except InvalidTag:
            return None


def _place(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class Writer:
    """Takes records into an open file. `end` must come last, or what was written is told to be cut."""

    def __init__(self, file: BinaryIO, key: bytes | None) -> None:
        salt = secrets.token_bytes(16)
        header = MAGIC + json.dumps({"sealed": key is not None, "salt": salt.hex()}).encode() + b"\n"
        self._file = file
        self._seal: Seal = Sum(header) if key is None else Lock(header, key, salt)
        self._pack = zlib.compressobj(LEVEL)
        self._waiting = bytearray()
        self._number = 0
        file.write(header)

    def put(self, letter: bytes, body: bytes) -> None:
        """Add a record."""
        self._waiting += self._pack.compress(letter + len(body).to_bytes(4, "big") + body)
        while len(self._waiting) > CHUNK_BYTES:
            self._write(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]

    def end(self) -> None:
        """Write what waits; nothing can come after it."""
        self._waiting += self._pack.flush()
        while len(self._waiting) > CHUNK_BYTES:
            self._write(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]
        self._write(bytes(self._waiting), is_last=True)

    def _write(self, chunk: bytes, *, is_last: bool) -> None:
        closed = self._seal.close(self._number, chunk, is_last=is_last)
        self._number += 1
        self._file.write(len(closed).to_bytes(4, "big") + closed)


@contextmanager
def written(path: Path, key: bytes | None) -> Iterator[Writer]:
    """A new file that only its owner may read, there under its name when the block has ended well, and whole on disk.

    Raises:
        FileRefused: it is there already, or cannot be written.
    """
    if path.exists():
        raise FileRefused(f"{path} is there already; a backup never takes the place of another.")
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            writer = Writer(file, key)
            yield writer
            writer.end()
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as exc:
        raise FileRefused(f"{path} cannot be written: {exc.strerror}.") from exc
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def records(path: Path, key: bytes | None, advance: Callable[[int], None] = lambda _: None) -> Iterator[Record]:
    """All records of a file in order; `advance` is told how many bytes of it were read.

    Raises:
        FileRefused: it is no backup, of a newer layout, cut or damaged, or this is not its key. What was told before is
            right as far as it went.
    """
    unpack, buffer = zlib.decompressobj(), bytearray()
    for chunk in _chunks(path, key, advance):
        buffer += unpack.decompress(chunk)
        at = 0
        while len(buffer) >= at + 5:
            length = int.from_bytes(buffer[at + 1 : at + 5], "big")
            if len(buffer) < at + 5 + length:
                break
            yield bytes(buffer[at : at + 1]), bytes(buffer[at + 5 : at + 5 + length])
            at += 5 + length
        del buffer[:at]


def _chunks(path: Path, key: bytes | None, advance: Callable[[int], None]) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            seal = _seal(path, file, key)
            number, length = 0, file.read(4)
            while length:
                told = int.from_bytes(length, "big")
                closed = file.read(told)
                advance(4 + len(closed))
                length = file.read(4)
                chunk = seal.open(number, closed, is_last=not length)
                if chunk is None or len(closed) != told:
                    raise FileRefused(
                        _what_is_wrong(path, number, is_locked=isinstance(seal, Lock), is_last=not length)
                    )
                yield chunk
                number += 1
            if number == 0:
                raise FileRefused(f"{path} was cut: nothing follows its first lines.")
    except OSError as exc:
        raise FileRefused(f"{path} cannot be read: {exc.strerror}.") from exc


def _seal(path: Path, file: BinaryIO, key: bytes | None) -> Seal:
    magic = file.readline(MOST_HEADER_BYTES)
    if not magic.startswith(KIND):
        raise FileRefused(f"{path} is no backup of capacity.")
    if magic != MAGIC:
        raise FileRefused(f"{path} was made by a newer version of capacity, or damaged in its first line.")
    line = file.readline(MOST_HEADER_BYTES)
    try:
        said = json.loads(line)
        sealed, salt = bool(said["sealed"]), bytes.fromhex(said["salt"])
    except (ValueError, KeyError, TypeError) as exc:
        raise FileRefused(f"{path} is damaged in its second line.") from exc
    if not sealed:
        return Sum(magic + line)
    if key is None:
        raise FileRefused(f"{path} is encrypted: give its key by --key-file, or in CAPACITY_BACKUP_KEY.")
    return Lock(magic + line, key, salt)


def _what_is_wrong(path: Path, number: int, is_locked: bool, *, is_last: bool) -> str:
    if is_locked and number == 0:
        return f"{path} cannot be opened: this is not its key, or the file is damaged."
    how = "was cut or is damaged at its end" if is_last else "is damaged"
    return f"{path} {how}: its part {number + 1} is not what was written. Nothing of it was taken."
