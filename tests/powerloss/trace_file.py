"""What the shim wrote down, as records."""

import dataclasses
import enum
import struct

HEADER = struct.Struct("<IiqII")


class Operation(enum.IntEnum):
    """The numbers of recorder.hpp."""
    CREATE = 1
    OPEN = 2
    DUPLICATE = 3
    CLOSE = 4
    WRITE = 5
    RESIZE = 6
    UNLINK = 7
    RENAME = 8
    LINK = 9
    SYNC_BEGIN = 10
    SYNC_END = 11
    MAP_SHARED = 12
    OUTCOME = 13
    UNSUPPORTED = 14
    NOTE = 15


@dataclasses.dataclass
class Record:
    operation: Operation
    descriptor: int = -1
    number: int = 0  # an offset, a size, a descriptor or a record's number: recorder.hpp says which
    path: str = ""
    data: bytes = b""

    def pack(self):
        path = self.path.encode()
        return HEADER.pack(self.operation, self.descriptor, self.number, len(path), len(self.data)) + path + self.data


def read(file):
    """The whole records of a trace; what a killed process left half written at its end was not done either."""
    content = file.read_bytes() if file.exists() else b""
    records, at = [], 0
    while at + HEADER.size <= len(content):
        operation, descriptor, number, path_bytes, data_bytes = HEADER.unpack_from(content, at)
        begin = at + HEADER.size
        at = begin + path_bytes + data_bytes
        if at > len(content):
            break
        records.append(Record(Operation(operation), descriptor, number, content[begin:begin + path_bytes].decode(),
                              content[begin + path_bytes:at]))
    return applied(records)


def applied(records):
    """With what the kernel answered: a change that failed is no change. The records keep their numbers."""
    for index, record in enumerate(records):
        if record.operation != Operation.OUTCOME:
            continue
        before = records[index - 1]
        if record.number < 0:
            before.operation = Operation.NOTE
        elif before.operation == Operation.WRITE:
            before.data = before.data[:record.number]
    return records
