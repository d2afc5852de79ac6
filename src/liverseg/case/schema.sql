-- The case file, schema 1. Read and written only by liverseg.case.
--
-- Three kinds of table:
--   the log       event, version, change: append-only. Every change of work (exam, label
--                 map, lesion, findings) is a new version; a change row names the version
--                 before and after, so each event carries its inverse.
--   the state     head points to the version that holds now.
--   what follows  series, ledger, measurements, pictures, comparison: made from files and
--                 work by a program, replaced when made again, with the event that did it.
--
-- Rows name their event before it is written (its text is known only at the end), hence
-- the deferred references.

PRAGMA application_id = 1280725831;  -- "LVSG"
PRAGMA user_version = 1;  -- 2 from the first lesion on that was moved in a phase

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE event (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    who     TEXT NOT NULL,
    at      TEXT NOT NULL,               -- ISO 8601, UTC
    program TEXT NOT NULL,               -- name and version
    action  TEXT NOT NULL,
    detail  TEXT NOT NULL
);

CREATE TABLE grid (
    id                 INTEGER PRIMARY KEY,
    digest             TEXT NOT NULL UNIQUE,
    slices             INTEGER NOT NULL,
    rows               INTEGER NOT NULL,
    columns            INTEGER NOT NULL,
    lps_from_index     BLOB NOT NULL,    -- 4 x 4 float64, little-endian, row by row, mm
    frame_of_reference TEXT              -- NULL: unknown
);

CREATE TABLE label_map (
    id       INTEGER PRIMARY KEY,
    digest   TEXT NOT NULL UNIQUE,
    grid_id  INTEGER NOT NULL REFERENCES grid(id),  -- the whole grid; the box lies in it
    dtype    TEXT NOT NULL,              -- numpy notation, "|u1"
    start    TEXT NOT NULL,              -- JSON (slice, row, column) where the box starts
    size     TEXT NOT NULL,              -- JSON size of the box; 0, 0, 0: nothing is drawn
    labels   TEXT NOT NULL,              -- JSON: number, name, code
    encoding TEXT NOT NULL,              -- "zstd-box": C order, one zstd frame with checksum
    body     BLOB NOT NULL
);

CREATE TABLE version (
    id           INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,          -- exam, liver, couinaud, landmarks, structures, lesion, findings
    exam_id      TEXT NOT NULL,          -- "" where it belongs to no exam
    name         TEXT NOT NULL,          -- of a lesion, else ""
    body         TEXT NOT NULL,          -- JSON
    label_map_id INTEGER REFERENCES label_map(id),
    event        INTEGER NOT NULL REFERENCES event(number) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE head (
    kind       TEXT NOT NULL,
    exam_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    position   INTEGER NOT NULL,         -- order among its kind
    version_id INTEGER NOT NULL REFERENCES version(id),
    event      INTEGER NOT NULL REFERENCES event(number) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (kind, exam_id, name)
);

CREATE TABLE change (
    id       INTEGER PRIMARY KEY,
    event    INTEGER NOT NULL REFERENCES event(number) DEFERRABLE INITIALLY DEFERRED,
    kind     TEXT NOT NULL,
    exam_id  TEXT NOT NULL,
    name     TEXT NOT NULL,
    position INTEGER NOT NULL,
    before   INTEGER REFERENCES version(id),  -- NULL: it was not there
    after    INTEGER REFERENCES version(id)   -- NULL: it was taken out
);
CREATE INDEX change_of_event ON change(event);
CREATE INDEX change_of_part ON change(kind, exam_id, name);

CREATE TABLE series (
    key           TEXT PRIMARY KEY,
    series_uid    TEXT NOT NULL,
    study_uid     TEXT NOT NULL,
    grid_id       INTEGER NOT NULL REFERENCES grid(id),
    root_relative TEXT,                  -- from the case file's folder, posix; NULL: another drive
    root_absolute TEXT NOT NULL,         -- where the files were when this was written
    fingerprint   TEXT NOT NULL,         -- SHA-256 over UID, frame and size of every file
    body          TEXT NOT NULL,         -- JSON of the record without slices and grid
    files         BLOB NOT NULL,         -- zstd of JSON: path, UID, frame, bytes, mtime_ns
    event         INTEGER NOT NULL REFERENCES event(number) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ledger_entry (
    position   INTEGER PRIMARY KEY,
    path       TEXT NOT NULL,
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    series_uid TEXT NOT NULL
);

CREATE TABLE document (
    name  TEXT PRIMARY KEY,              -- ledger (its roots and series), comparison
    body  TEXT NOT NULL,                 -- JSON
    event INTEGER NOT NULL REFERENCES event(number) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE result (
    id      INTEGER PRIMARY KEY,         -- stays when it is made again, so order stays too
    kind    TEXT NOT NULL,               -- measurements, views
    exam_id TEXT NOT NULL,
    lesion  TEXT NOT NULL,
    event   INTEGER NOT NULL REFERENCES event(number) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (kind, exam_id, lesion)
);

CREATE TABLE measurement (
    result_id  INTEGER NOT NULL REFERENCES result(id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    metric     TEXT NOT NULL,
    value      REAL NOT NULL,
    unit       TEXT NOT NULL,
    method     TEXT NOT NULL,
    lesion     TEXT NOT NULL,
    date       TEXT NOT NULL,
    modality   TEXT NOT NULL,
    phase      TEXT NOT NULL,
    series_uid TEXT NOT NULL,
    slice      INTEGER,
    segment    TEXT NOT NULL,
    lower      REAL,
    upper      REAL,
    endpoints  TEXT NOT NULL,            -- JSON, LPS mm
    doubts     TEXT NOT NULL,            -- JSON
    PRIMARY KEY (result_id, position)
) WITHOUT ROWID;

CREATE TABLE view (
    result_id INTEGER NOT NULL REFERENCES result(id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    body      TEXT NOT NULL,             -- JSON of the view without its two arrays
    shape     TEXT NOT NULL,             -- JSON (rows, columns)
    dtype     TEXT NOT NULL,             -- of the pixels; labels are "|u1"
    pixels    BLOB NOT NULL,             -- zstd, C order
    labels    BLOB NOT NULL,
    PRIMARY KEY (result_id, position)
);

CREATE TABLE threshold_table (
    name   TEXT PRIMARY KEY,
    digest TEXT NOT NULL,                -- SHA-256 of the table's file
    event  INTEGER NOT NULL REFERENCES event(number) DEFERRABLE INITIALLY DEFERRED
);

CREATE TRIGGER event_stays BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER version_stays BEFORE UPDATE ON version
    BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
CREATE TRIGGER version_is_kept BEFORE DELETE ON version
    BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
CREATE TRIGGER change_stays BEFORE UPDATE ON change
    BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END;
CREATE TRIGGER change_is_kept BEFORE DELETE ON change
    BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END;
CREATE TRIGGER label_map_stays BEFORE UPDATE ON label_map
    BEGIN SELECT RAISE(ABORT, 'label maps are append-only'); END;
CREATE TRIGGER label_map_is_kept BEFORE DELETE ON label_map
    BEGIN SELECT RAISE(ABORT, 'label maps are append-only'); END;
