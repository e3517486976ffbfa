#!/usr/bin/env python3
"""A disk that loses power: from the files as they were and the shim's trace, the files as they may be found afterwards.

What a file's last sync promised is there. Of what was changed since, any part is, in any order, writes torn between sectors; likewise of the
names made, removed and renamed since the folder's last sync. A sector is written whole or not at all, and what is around a write in its sector is
left alone (SQLite relies on both: SQLITE_IOCAP_POWERSAFE_OVERWRITE). SQLite's -shm files are memory and no data: they are gone, or hold garbage.
"""

import argparse
import dataclasses
import pathlib
import random
import stat

import trace_file
from trace_file import Operation

SECTOR = 512


@dataclasses.dataclass
class Change:
    """Of a file: bytes at an offset, or (data is None) another size."""
    number: int  # of its record: the order it was made in
    at: int
    data: bytes | None = None

    def pieces(self):
        """What is written whole or not at all."""
        if self.data is None:
            return [self]
        cuts = [0, *range(SECTOR - self.at % SECTOR, len(self.data), SECTOR), len(self.data)]
        return [Change(self.number, self.at + begin, self.data[begin:end]) for begin, end in zip(cuts, cuts[1:])]

    def apply(self, content):
        end = self.at + len(self.data or b"")
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        if self.data is None:
            del content[self.at:]
        else:
            content[self.at:end] = self.data


class File:
    def __init__(self, content=b""):
        self.durable = bytearray(content)
        self.pending = []

    def current(self):
        content = bytearray(self.durable)
        for change in self.pending:
            change.apply(content)
        return content

    def sync(self, number):
        """Promises what was changed before this record."""
        for change in self.pending:
            if change.number < number:
                change.apply(self.durable)
        self.pending = [change for change in self.pending if change.number >= number]


@dataclasses.dataclass
class NameChange:
    number: int
    gone: str | None  # this name goes
    made: str | None  # this one names the file
    file: File

    def apply(self, names):
        if self.gone is not None:
            names.pop(self.gone, None)
        if self.made is not None:
            names[self.made] = self.file


@dataclasses.dataclass
class Counts:
    """Of changes that no sync had promised when the power went."""
    changes: int = 0
    lost: int = 0       # nothing of them is there
    torn: int = 0       # some sectors of them are
    reordered: int = 0  # there, though one made before them in the same file is not, or was written over them
    names: int = 0
    names_lost: int = 0

    def add(self, other):
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def __str__(self):
        return "%d unsynced changes, of them %d lost, %d torn, %d reordered; %d unsynced names, %d lost" % (
            self.changes, self.lost, self.torn, self.reordered, self.names, self.names_lost)


class Folder:
    """The names in it. Sync promises them."""

    def __init__(self, names):
        self.durable = dict(names)
        self.current = dict(names)
        self.pending = []

    def adopt(self, name, file):
        self.durable[name] = self.current[name] = file

    def change(self, change):
        self.pending.append(change)
        change.apply(self.current)

    def sync(self, number):
        for change in self.pending:
            if change.number < number:
                change.apply(self.durable)
        self.pending = [change for change in self.pending if change.number >= number]


class Disk:
    def __init__(self, files):
        """`files`: {name: content}, all of it durable."""
        self.folder = Folder({name: File(content) for name, content in files.items()})
        self.descriptors = {}
        self.begun = {}  # sync, by its record's number
        self.replayed = 0

    def replay(self, records):
        for record in records:
            self.step(self.replayed, record)
            self.replayed += 1
        return self

    def step(self, number, record):
        names = self.folder.current
        match record.operation:
            case Operation.CREATE:
                self.folder.change(NameChange(number, None, record.path, File()))
            case Operation.OPEN:
                if is_memory(record.path) and record.path not in names:  # it was there before, and nobody looked into it
                    self.folder.adopt(record.path, File())
                self.descriptors[record.descriptor] = self.folder if record.path == "" else names[record.path]
            case Operation.DUPLICATE:
                self.descriptors[record.number] = self.descriptors[record.descriptor]
            case Operation.CLOSE:
                del self.descriptors[record.descriptor]
            case Operation.WRITE:
                self.descriptors[record.descriptor].pending.append(Change(number, record.number, record.data))
            case Operation.RESIZE:
                file = self.descriptors[record.descriptor] if record.descriptor >= 0 else names[record.path]
                file.pending.append(Change(number, record.number))
            case Operation.UNLINK:
                self.folder.change(NameChange(number, record.path, None, names[record.path]))
            case Operation.RENAME:
                self.folder.change(NameChange(number, record.path, record.data.decode(), names[record.path]))
            case Operation.LINK:
                self.folder.change(NameChange(number, None, record.data.decode(), names[record.path]))
            case Operation.SYNC_BEGIN:
                self.begun[number] = self.descriptors[record.descriptor]
            case Operation.SYNC_END:
                self.begun.pop(record.number).sync(record.number)
            case Operation.MAP_SHARED if not is_memory(record.path):
                raise SystemExit("%s is written through shared memory, which the trace does not show" % record.path)
            case Operation.UNSUPPORTED:
                raise SystemExit("the shim does not follow this: %s %s" % (record.path, record.data.decode()))

    def everything(self):
        """What the kernel holds: {name: content}, as another process reads it."""
        return {name: bytes(file.current()) for name, file in self.folder.current.items() if not is_memory(name)}

    def after_power_loss(self, seed):
        """({name: content}, Counts). The same seed makes the same choices."""
        loss = Loss(random.Random(seed), self)
        return loss.files(), loss.counts


class Loss:
    """What one power loss leaves."""

    def __init__(self, dice, disk):
        self.dice = dice
        self.disk = disk
        self.counts = Counts()
        self.contents = {}  # by file
        keeps_order = dice.random() < 0.2
        self.survival = dice.choice((0.0, 0.05, 0.3, 0.5, 0.7, 0.95, 1.0))
        self.tearing = dice.choice((0.0, 0.2, 0.8))
        # A disk that keeps the order stops somewhere; another keeps what it likes.
        files = {*disk.folder.current.values(), *disk.folder.durable.values()}
        unsynced = sorted(change.number for one in (*files, disk.folder) for change in one.pending)
        self.stops_at = dice.choice(unsynced) if unsynced and keeps_order else None

    def files(self):
        names = dict(self.disk.folder.durable)
        for change in self.disk.folder.pending:
            self.counts.names += 1
            if self.survives(change):
                change.apply(names)
            else:
                self.counts.names_lost += 1
        contents = {}
        for name, file in sorted(names.items()):
            if not is_memory(name):
                contents[name] = self.content(file)
            elif self.dice.random() < 0.5:
                contents[name] = self.dice.randbytes(self.dice.choice((3, 4096, 32768)))
        return contents

    def survives(self, change):
        if self.stops_at is not None:
            return change.number < self.stops_at
        return self.dice.random() < self.survival

    def content(self, file):
        if file not in self.contents:
            self.contents[file] = self.make_content(file)
        return self.contents[file]

    def make_content(self, file):
        content = bytearray(file.durable)
        written, kept = [], {}
        for change in file.pending:
            pieces = change.pieces()
            kept[change.number] = self.kept_pieces(change, pieces)
            self.counts.changes += 1
            self.counts.lost += not kept[change.number]
            self.counts.torn += 0 < len(kept[change.number]) < len(pieces)
            if kept[change.number]:
                written.append((change, len(kept[change.number]) < len(pieces)))
        if self.stops_at is None:
            self.dice.shuffle(written)
        self.count_reordered(file.pending, written)
        for change, _ in written:
            for piece in kept[change.number]:
                piece.apply(content)
        self.maybe_grow(file, content)
        return bytes(content)

    def kept_pieces(self, change, pieces):
        if self.stops_at == change.number:
            return [piece for piece in pieces if self.dice.random() < 0.5]
        if not self.survives(change):
            return []
        if self.stops_at is None and self.dice.random() < self.tearing:
            return [piece for piece in pieces if self.dice.random() < 0.5]
        return pieces

    def count_reordered(self, pending, written):
        place = {change.number: index for index, (change, torn) in enumerate(written) if not torn}
        there = {change.number for change, _ in written}
        for index, (change, _) in enumerate(written):
            self.counts.reordered += any(before.number not in there or place.get(before.number, index) > index
                                         for before in pending if before.number < change.number)

    def maybe_grow(self, file, content):
        """A file's new size may be there without what was written at its end."""
        size = len(file.current())
        if len(content) < size and self.survival > 0 and self.dice.random() < 0.2:
            content.extend(bytes(size - len(content)))


def is_memory(name):
    return name.endswith("-shm")


def read_folder(folder):
    """{name: content} of its files; sockets are left out, and SQLite's memory."""
    if not folder.exists():
        return {}
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*"))
            if stat.S_ISREG(file.lstat().st_mode) and not is_memory(file.name)}


def write_folder(folder, files):
    """Makes the folder hold these files and no others."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in list(folder.iterdir()):
        file.unlink()
    for name, content in files.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(content)


def differences(base, records, found):
    """How the files that are there (of a process that was killed) differ from what the trace says. The last change may not have been made, or
    only its first bytes: it is written down first."""
    whole = Disk(base).replay(records).everything()
    if whole == found:
        return []
    without = Disk(base).replay(records[:-1]).everything()
    if without == found:
        return []
    if records and records[-1].operation == Operation.WRITE:
        last = records[-1]
        there = found.get(last.path, b"")[last.number:last.number + len(last.data)]
        same = next((i for i, (one, other) in enumerate(zip(there, last.data)) if one != other), len(there))
        partly = dataclasses.replace(last, data=last.data[:same])
        if Disk(base).replay([*records[:-1], partly]).everything() == found:
            return []
    return ["%s: %s in the trace, %s in the folder" % (name, describe(whole.get(name)), describe(found.get(name)))
            for name in sorted(set(whole) | set(found)) if whole.get(name) != found.get(name)]


def describe(content):
    return "absent" if content is None else "%d bytes" % len(content)


def main():
    parser = argparse.ArgumentParser(description="Builds the files a power loss left, once more.")
    parser.add_argument("--base", type=pathlib.Path, required=True, help="the folder as it was when the process started")
    parser.add_argument("--trace", type=pathlib.Path, required=True)
    parser.add_argument("--seed", required=True, help="as it was printed")
    parser.add_argument("--to", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    files, counts = Disk(read_folder(arguments.base)).replay(trace_file.read(arguments.trace)).after_power_loss(arguments.seed)
    write_folder(arguments.to, files)
    print(counts)


if __name__ == "__main__":
    main()
