#!/usr/bin/env python3
"""The model of a disk, by traces made up here: what it must keep, and that all it may lose, tear and reorder does happen."""

import pathlib
import tempfile
import unittest

import disk
import trace_file
from trace_file import Operation, Record

SEEDS = range(400)
OLD, NEW = b"o" * 1536, b"n" * 1536  # three sectors


def opened(name, descriptor=3):
    return [Record(Operation.CREATE, path=name), Record(Operation.OPEN, descriptor, path=name)]


def write(at, data, descriptor=3):
    return Record(Operation.WRITE, descriptor, at, "a", data)


def sync(number, descriptor=3):
    """Both records of a sync; `number` is that of its first."""
    return [Record(Operation.SYNC_BEGIN, descriptor), Record(Operation.SYNC_END, descriptor, number)]


class PowerLoss(unittest.TestCase):
    def left(self, records, files=None):
        """What 400 power losses leave, and their counts together."""
        counts, left = disk.Counts(), []
        for seed in SEEDS:
            found, counted = disk.Disk(files or {}).replay(records).after_power_loss(seed)
            left.append(found)
            counts.add(counted)
        return left, counts

    def contents(self, records, files):
        left, counts = self.left([Record(Operation.OPEN, 3, path="a"), *records], files)
        return {found["a"] for found in left}, counts

    def test_what_was_synced_is_there(self):
        contents, counts = self.contents([write(0, NEW), *sync(2)], {"a": OLD})
        self.assertEqual({NEW}, contents)
        self.assertEqual(0, counts.changes)

    def test_a_sync_promises_nothing_that_came_after_it_began(self):
        contents, _ = self.contents([write(0, NEW), Record(Operation.SYNC_BEGIN, 3), write(0, OLD), Record(Operation.SYNC_END, 3, 2)], {"a": b""})
        self.assertTrue({NEW, OLD} <= contents)

    def test_a_sync_that_did_not_end_promises_nothing(self):
        contents, _ = self.contents([write(0, NEW), Record(Operation.SYNC_BEGIN, 3)], {"a": OLD})
        self.assertIn(OLD, contents)

    def test_a_sync_of_one_file_promises_nothing_of_another(self):
        records = [Record(Operation.OPEN, 4, path="b"), write(0, NEW), write(0, NEW, descriptor=4), *sync(4, descriptor=4)]
        left, _ = self.left([Record(Operation.OPEN, 3, path="a"), *records], {"a": OLD, "b": OLD})
        self.assertEqual({NEW}, {found["b"] for found in left})
        self.assertTrue({OLD, NEW} <= {found["a"] for found in left})

    def test_an_unsynced_write_is_torn_between_sectors_and_never_within_one(self):
        contents, counts = self.contents([write(0, NEW)], {"a": OLD})
        self.assertEqual({bytes(c) for c in (OLD, NEW)} | {
            b"".join((NEW if bits & 1 << i else OLD)[:512] for i in range(3)) for bits in range(8)}, contents)
        self.assertGreater(counts.torn, 0)
        self.assertGreater(counts.lost, 0)

    def test_sectors_are_the_disks_and_not_the_writes(self):
        contents, _ = self.contents([write(500, b"n" * 24)], {"a": OLD})
        self.assertEqual({OLD, OLD[:500] + b"n" * 24 + OLD[524:], OLD[:500] + b"n" * 12 + OLD[512:],
                          OLD[:512] + b"n" * 12 + OLD[524:]}, contents)

    def test_a_later_write_is_there_without_an_earlier_one(self):
        contents, counts = self.contents([write(0, b"1" * 512), write(512, b"2" * 512)], {"a": b"-" * 1024})
        self.assertEqual({one * 512 + two * 512 for one in (b"-", b"1") for two in (b"-", b"2")}, contents)
        self.assertGreater(counts.reordered, 0)

    def test_of_two_writes_of_one_place_either_is_the_last(self):
        contents, _ = self.contents([write(0, b"1"), write(0, b"2")], {"a": b"-"})
        self.assertEqual({b"-", b"1", b"2"}, contents)

    def test_another_size_is_there_or_not(self):
        contents, _ = self.contents([Record(Operation.RESIZE, 3, 512)], {"a": OLD})
        self.assertEqual({OLD, OLD[:512]}, contents)
        contents, _ = self.contents([write(1536, NEW[:512])], {"a": OLD})
        self.assertEqual({OLD, OLD + NEW[:512], OLD + bytes(512)}, contents)

    def test_a_name_is_there_or_not_until_its_folder_is_synced(self):
        made = [*opened("a"), write(0, NEW), *sync(3)]
        left, counts = self.left(made)
        self.assertEqual({frozenset(), frozenset({("a", NEW)})}, {frozenset(found.items()) for found in left})
        self.assertGreater(counts.names_lost, 0)
        left, _ = self.left([*made, Record(Operation.OPEN, 4, path=""), *sync(6, descriptor=4)])
        self.assertEqual([{"a": NEW}] * len(SEEDS), left)

    def test_a_file_that_was_removed_may_be_back(self):
        left, _ = self.left([Record(Operation.UNLINK, path="a")], {"a": OLD})
        self.assertEqual({frozenset(), frozenset({("a", OLD)})}, {frozenset(found.items()) for found in left})

    def test_a_rename_is_there_as_a_whole_or_not_at_all(self):
        left, _ = self.left([Record(Operation.RENAME, path="a", data=b"b")], {"a": NEW, "b": OLD})
        self.assertEqual({frozenset({("a", NEW), ("b", OLD)}), frozenset({("b", NEW)})}, {frozenset(found.items()) for found in left})

    def test_one_seed_makes_one_disk(self):
        records = [Record(Operation.OPEN, 3, path="a"), *(write(i * 100, bytes([i]) * 700) for i in range(40))]
        once, again = (disk.Disk({"a": OLD}).replay(records).after_power_loss("7/3") for _ in range(2))
        self.assertEqual(once, again)

    def test_what_sqlite_shares_in_memory_is_gone_or_garbage(self):
        left, _ = self.left([*opened("a-shm"), Record(Operation.MAP_SHARED, 3, path="a-shm")])
        self.assertTrue({} in left and any("a-shm" in found for found in left))
        with self.assertRaises(SystemExit):
            disk.Disk({"a": OLD}).replay([Record(Operation.MAP_SHARED, 3, path="a")])


class Traces(unittest.TestCase):
    def test_a_record_that_was_cut_off_and_a_change_that_failed_were_not_made(self):
        records = [*opened("a"), write(0, b"12345"), Record(Operation.OUTCOME, number=2), write(9, b"x"), Record(Operation.OUTCOME, number=-1)]
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "trace"
            file.write_bytes(b"".join(map(Record.pack, records)) + write(2, b"never").pack()[:-1])
            read = trace_file.read(file)
        self.assertEqual({"a": b"12"}, disk.Disk({}).replay(read).everything())

    def test_only_the_last_change_may_be_missing_in_the_folder(self):
        records = [*opened("a"), write(0, b"12345"), write(5, b"678")]
        for found in (b"12345678", b"12345", b"1234567"):
            self.assertEqual([], disk.differences({}, records, {"a": found}))
        for found in ({"a": b"1234"}, {"a": b"1234578"}, {"a": b"12345678", "b": b""}, {}):
            self.assertEqual(1, len(disk.differences({}, records, found)), found)


if __name__ == "__main__":
    unittest.main()
