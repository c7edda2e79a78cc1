-- Users, with a name that is shown.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    "name" TEXT NOT NULL
);
CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL DEFAULT 'a\b');
