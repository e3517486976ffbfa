-- The journal of schema_2.sql as Sluice 0.1.0 at 272fc4c made it one of schema 3, and as `sqlite3 FILE .dump` writes it.
PRAGMA application_id = 1399612261;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE attempts (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL DEFAULT 0,
    verdict TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
INSERT INTO attempts VALUES(1,1,1764000001000,1764000001050,'done','created sale.order 12');
INSERT INTO attempts VALUES(3,1,1764000003100,1764000003150,'unknown','timed out');
INSERT INTO attempts VALUES(4,1,1764000002050,1764000002100,'rejected','no product with SKU ''A-1''');
INSERT INTO attempts VALUES(6,1,1764000004150,1764000004200,'rejected','no product with SKU ''A-1''');
INSERT INTO attempts VALUES(7,1,1764000006250,0,'unknown','the process died during the attempt');
INSERT INTO attempts VALUES(9,1,1764000006200,1764000006250,'rejected','no product with SKU ''A-1''');
CREATE TABLE contents (
    seq INTEGER PRIMARY KEY,
    payload BLOB NOT NULL,
    headers BLOB NOT NULL
, sealed INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO contents VALUES(1,X'7b226964223a317d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(2,X'7b226964223a327d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(3,X'7b226964223a337d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(4,X'7b226964223a347d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(5,X'7b226964223a357d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(6,X'7b226964223a367d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(7,X'7b226964223a377d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(8,X'7b226964223a387d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
INSERT INTO contents VALUES(9,X'7b226964223a397d',X'7b22582d53686f706966792d546f706963223a226f72646572732f637265617465227d',0);
CREATE TABLE revisions (
    connector TEXT NOT NULL,
    order_name TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    revision TEXT NOT NULL, seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connector, order_name, ordering_key)
) STRICT, WITHOUT ROWID;
INSERT INTO revisions VALUES('shop','order','1','2026-01-02T03:04:05Z',1);
CREATE TABLE state (
    connector TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    version INTEGER NOT NULL, sealed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connector, name)
) STRICT, WITHOUT ROWID;
INSERT INTO state VALUES('shop','cursor',X'7b226174223a317d',1,0);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
    connector TEXT NOT NULL,
    event_id TEXT NOT NULL,
    flow TEXT NOT NULL,
    order_name TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    topic TEXT NOT NULL,
    revision TEXT NOT NULL,
    record TEXT NOT NULL,
    occurred_at_ms INTEGER NOT NULL,
    appended_at_ms INTEGER NOT NULL,
    available_at_ms INTEGER NOT NULL,
    ready_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    counted_failures INTEGER NOT NULL DEFAULT 0,
    attempt_unknown INTEGER NOT NULL DEFAULT 0,
    holds_key INTEGER NOT NULL DEFAULT 0,
    leased_until_ms INTEGER NOT NULL DEFAULT 0,
    leased_by TEXT NOT NULL DEFAULT '',
    fingerprint TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    head INTEGER NOT NULL GENERATED ALWAYS AS
        (ordering_key <> '' AND (state IN (0, 2) OR (state = 4 AND holds_key = 1))) VIRTUAL
) STRICT;
INSERT INTO events VALUES(1,3,'shop','1','order','order','1','orders/create','2026-01-02T03:04:05Z','1',1763999999000,1764000000000,1764000000000,1764000000000,1764000001050,1,0,0,0,0,'','','created sale.order 12');
INSERT INTO events VALUES(2,0,'shop','2','order','order','1','orders/create','2026-01-02T03:04:05Z','1',1763999999000,1764000000000,1764000000000,1764000000000,0,0,0,0,0,0,'','','');
INSERT INTO events VALUES(3,0,'shop','3','order','order','3','orders/create','2026-01-02T03:04:05Z','3',1763999999000,1764000000000,1764000062100,1764000000000,0,1,1,1,0,0,'','','unknown: timed out');
INSERT INTO events VALUES(4,4,'shop','4','order','order','4','orders/create','2026-01-02T03:04:05Z','4',1763999999000,1764000000000,1764000000000,1764000000000,1764000002100,1,0,0,1,0,'','','rejected: no product with SKU ''A-1''');
INSERT INTO events VALUES(5,1,'shop','5','order','order','4','orders/create','2026-01-02T03:04:05Z','4',1763999999000,1764000000000,1764000000000,0,0,0,0,0,0,0,'','','');
INSERT INTO events VALUES(6,5,'shop','6','order','order','6','orders/create','2026-01-02T03:04:05Z','6',1763999999000,1764000000000,1764000000000,1764000000000,1764000004200,1,0,0,0,0,'','','rejected: no product with SKU ''A-1''');
INSERT INTO events VALUES(7,0,'shop','7','order','order','','orders/create','2026-01-02T03:04:05Z','',1763999999000,1764000000000,1764000009000,1764000000000,0,1,1,1,0,0,'','','unknown: the process died during the attempt');
INSERT INTO events VALUES(8,4,'shop','8','order','order','','orders/create','2026-01-02T03:04:05Z','9',1763999999000,1764000000000,1764000000000,1764000000000,1764000000000,0,0,0,0,0,'','','invalid: no JSON');
INSERT INTO events VALUES(9,0,'shop','9','refund','order','9','orders/create','2026-01-02T03:04:05Z','9',1763999999000,1764000000000,1764000006255,1764000000000,0,1,0,0,0,0,'','','rejected: no product with SKU ''A-1''');
CREATE TABLE edits (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    sealed INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE notes (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    what TEXT NOT NULL,
    who TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
INSERT INTO notes VALUES(6,1,1764000005200,0,'note','','discarded by admin: a test order');
INSERT INTO notes VALUES(7,1,1764000009000,1,'recovered','host','the process died during the attempt');
INSERT INTO notes VALUES(9,1,1764000006255,0,'note','','replayed by admin: it was rejected: no product with SKU ''A-1''');
CREATE TABLE pauses (
    connector TEXT NOT NULL,
    flow TEXT NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (connector, flow)
) STRICT, WITHOUT ROWID;
CREATE TABLE counts (
    connector TEXT NOT NULL,
    flow TEXT NOT NULL,
    state INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (connector, flow, state)
) STRICT, WITHOUT ROWID;
INSERT INTO counts VALUES('shop','order',0,3);
INSERT INTO counts VALUES('shop','order',1,1);
INSERT INTO counts VALUES('shop','order',2,0);
INSERT INTO counts VALUES('shop','order',3,1);
INSERT INTO counts VALUES('shop','order',4,2);
INSERT INTO counts VALUES('shop','order',5,1);
INSERT INTO counts VALUES('shop','refund',0,1);
CREATE TABLE clock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last_ms INTEGER NOT NULL,
    trusted_ms INTEGER NOT NULL DEFAULT 0,
    doubted_for_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO clock VALUES(1,1764000004200,1764000004200,0);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('events',9);
CREATE UNIQUE INDEX events_identity ON events (connector, event_id);
CREATE UNIQUE INDEX events_head ON events (connector, order_name, ordering_key) WHERE head = 1;
CREATE INDEX events_waiting ON events (connector, order_name, ordering_key, seq) WHERE state = 1;
CREATE INDEX events_ready ON events (connector, flow, available_at_ms, seq) WHERE state = 0;
CREATE INDEX events_claimed ON events (leased_until_ms) WHERE state = 2;
CREATE INDEX events_dead ON events (connector, order_name, ordering_key, seq) WHERE state = 4;
CREATE INDEX events_dead_in_order ON events (seq) WHERE state = 4;
CREATE INDEX events_dead_by_cause ON events (connector, flow, fingerprint, seq, ended_at_ms, holds_key) WHERE state = 4;
CREATE INDEX events_ended ON events (connector, flow, ended_at_ms, seq) WHERE state IN (3, 5, 6);
CREATE TRIGGER count_appended AFTER INSERT ON events BEGIN
    INSERT INTO counts VALUES (new.connector, new.flow, new.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER count_changed AFTER UPDATE OF state ON events WHEN old.state <> new.state BEGIN
    UPDATE counts SET number = number - 1 WHERE connector = old.connector AND flow = old.flow AND state = old.state;
    INSERT INTO counts VALUES (new.connector, new.flow, new.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER count_erased AFTER DELETE ON events BEGIN
    UPDATE counts SET number = number - 1 WHERE connector = old.connector AND flow = old.flow AND state = old.state;
END;
COMMIT;
