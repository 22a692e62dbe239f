"""The tables of the store, as flytekit's has them: diskcache's, of its releases 5.2 to 5.6."""

from __future__ import annotations

import re
import sqlite3

from flytekit_models._cache.settings import DEFAULTS

__all__ = ["complete", "create", "verify"]

COLUMNS = (
    "rowid",
    "key",
    "raw",
    "store_time",
    "expire_time",
    "access_time",
    "access_count",
    "tag",
    "size",
    "mode",
    "filename",
    "value",
)

_TABLES = """
CREATE TABLE IF NOT EXISTS Settings (key TEXT NOT NULL UNIQUE, value);
CREATE TABLE IF NOT EXISTS Cache (
    rowid INTEGER PRIMARY KEY,
    key BLOB,
    raw INTEGER,
    store_time REAL,
    expire_time REAL,
    access_time REAL,
    access_count INTEGER DEFAULT 0,
    tag BLOB,
    size INTEGER DEFAULT 0,
    mode INTEGER DEFAULT 0,
    filename TEXT,
    value BLOB
);
CREATE UNIQUE INDEX IF NOT EXISTS Cache_key_raw ON Cache (key, raw);
CREATE INDEX IF NOT EXISTS Cache_expire_time ON Cache (expire_time);
CREATE INDEX IF NOT EXISTS Cache_store_time ON Cache (store_time);
"""

_TRIGGERS = {
    "Settings_count_insert": ("INSERT", "value + 1", "count"),
    "Settings_count_delete": ("DELETE", "value - 1", "count"),
    "Settings_size_insert": ("INSERT", "value + NEW.size", "size"),
    "Settings_size_update": ("UPDATE", "value + NEW.size - OLD.size", "size"),
    "Settings_size_delete": ("DELETE", "value - OLD.size", "size"),
}
"""Each keeps a counter: after what it runs, what the counter becomes, and which it is."""

_NEEDED = frozenset({"Settings", "Cache", "Cache_key_raw", "Cache_expire_time", "Cache_store_time"} | _TRIGGERS.keys())


def _trigger(name: str) -> str:
    event, value, counter = _TRIGGERS[name]
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON Cache FOR EACH ROW BEGIN"
        f" UPDATE Settings SET value = {value} WHERE key = '{counter}'; END"
    )


def complete(connection: sqlite3.Connection) -> bool:
    """Whether nothing is missing that a store consists of."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master").fetchall()}
    return names.issuperset(_NEEDED)


def create(connection: sqlite3.Connection) -> None:
    """Make what is missing, in one transaction that a signal handler can't interrupt."""
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        connection.execute("PRAGMA auto_vacuum = FULL")
        connection.execute("PRAGMA journal_mode = WAL")
    settings = ", ".join(f"('{name}', {value!r})" for name, value in DEFAULTS.items())
    triggers = [_trigger(name).replace("TRIGGER", "TRIGGER IF NOT EXISTS", 1) for name in _TRIGGERS]
    script = [_TABLES, f"INSERT OR IGNORE INTO Settings VALUES {settings}", *triggers]
    connection.executescript("BEGIN IMMEDIATE;" + ";".join(script) + ";COMMIT")


def verify(connection: sqlite3.Connection) -> None:
    """Look whether the tables are tables, and what else runs when they are used: somebody may have planted that.

    Raises:
        sqlite3.DatabaseError: they are not what they seem.
    """
    connection.execute(f"SELECT {', '.join(COLUMNS)} FROM Cache LIMIT 0")
    rows = connection.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master").fetchall()
    for kind, name, table, root, sql in rows:
        if name in ("Settings", "Cache") and (kind != "table" or not root):
            raise sqlite3.DatabaseError(f"{name} is a {kind} of another sort")
        if kind == "trigger" and table in ("Settings", "Cache") and not _is_ours(name, sql):
            raise sqlite3.DatabaseError(f"trigger {name} is none of a cache's")


def _is_ours(name: object, sql: object) -> bool:
    return name in _TRIGGERS and _words(str(sql)) == _words(_trigger(str(name)))


def _words(sql: str) -> list[str]:
    """What counts of a statement; diskcache lays it out otherwise, and writes texts with double quotes."""
    return re.findall(r"\w+|[^\w\s]", sql.replace('"', "'"))
