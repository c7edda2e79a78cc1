use migrate_core::operation::{
    CommentTarget, Operation, ReplaceEnum, Table, TableChange, alter, array, check, column, enum_type,
    enum_value, foreign_key, function, index, per_dialect, replace_enum, rows, sequence, table, trigger,
    unique, view,
};
use migrate_core::prelude::{Integer, Text};

use super::sample::{Sample, add_column, add_constraint, schema};

/// Names that every part of a statement has to survive, with a word for each; none is longer than PostgreSQL keeps.
pub const HOSTILE_NAMES: [(&str, &str); 15] = [
    ("double quotes", "a\"b\"\"c"),
    ("single quotes", "it''s a'b"),
    ("backslashes", "a\\b\\'c\\"),
    ("spaces", " two  words "),
    ("dots", "public.users.id"),
    ("dollars", "$body$ $1 $$"),
    ("percent", "100%s %I %L %"),
    ("unicode", "naïve 名前 🦀"),
    ("a reserved word", "select"),
    ("upper case", "UserTable"),
    ("a comment", "a -- b /* c */"),
    ("an injection", "x\"; DROP TABLE users; --"),
    ("line breaks", "one\ntwo\r\n\tthree"),
    ("backticks and brackets", "`a` [b] {c} :d ?"),
    ("sixty-three bytes", "n23456789_n23456789_n23456789_n23456789_n23456789_n23456789_n23"),
];

/// Texts beyond what a name may be, for values, defaults and comments.
pub const HOSTILE_TEXTS: [&str; 6] =
    ["", "'", "\\", "'; DROP TABLE users; --", "{\"a\": [\"\\\\\", null]}", "E'\\x41' $migrate$ \u{1}"];

/// An operation with a hostile name or text in one place.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// Where it stands: `table`, `enum value`, `comment`.
    pub place: &'static str,
    /// What stands there.
    pub text: &'static str,
    /// The operation; its name says the place and, in a word, what is hostile.
    pub sample: Sample,
}

/// Every hostile name in every place where a name or a text can stand, every hostile text where a text can.
///
/// What each makes carries the name or text itself, so that a test can look for it in the catalog.
#[must_use]
pub fn hostile() -> Vec<Hostile> {
    let names =
        HOSTILE_NAMES.iter().flat_map(|(word, name)| names(word, name).into_iter().chain(texts(word, name)));
    names.chain(HOSTILE_TEXTS.iter().flat_map(|text| texts(text, text))).collect()
}

fn at(place: &'static str, word: &str, text: &'static str, operation: Operation) -> Hostile {
    Hostile { place, text, sample: Sample::new(format!("{place}: {word}"), operation) }
}

impl Hostile {
    fn after(mut self, setup: impl Into<Operation>) -> Self {
        self.sample = self.sample.after(setup);
        self
    }
}

fn plain() -> Table {
    table("plain").column(column("id", Integer).primary_key())
}

fn texts(word: &str, text: &'static str) -> Vec<Hostile> {
    let at = |place, operation| at(place, word, text, operation);
    let with_text = || plain().column(column("c", Text));
    let row = || rows("plain", ["id", "c"]).row((1, text)).key(["c"]);
    let set_default = Operation::alter(
        "plain",
        TableChange::AlterColumn { column: "c".to_owned(), change: Box::new(alter().default(text)) },
    );
    let body = function("f", "")
        .returns("text")
        .language("plpgsql")
        .body(format!("/* {text} */BEGIN RETURN 1; END"));
    vec![
        at("default", add_column("plain", column("c", Text).default(text))).after(plain()),
        at("array default", add_column("plain", column("c", array(Text)).default([text]))).after(plain()),
        at("set default", set_default).after(with_text()),
        at("comment", Operation::Comment { on: CommentTarget::Table("plain".into()), comment: text.into() })
            .after(plain()),
        at("row", Operation::InsertRows(row())).after(with_text()),
        at("array row", Operation::InsertRows(rows("plain", ["id", "c"]).row((1, [text]))))
            .after(plain().column(column("c", array(Text)))),
        at("deleted row", Operation::DeleteRows(row()))
            .after(with_text())
            .after(Operation::InsertRows(row().row((2, "another")))),
        at("body", Operation::CreateFunction(Box::new(body))),
    ]
}

fn names(word: &str, name: &'static str) -> Vec<Hostile> {
    let sample = |place, operation: Operation| at(place, word, name, operation);
    let mood = || enum_type(name, [name, "other"]);
    let function = || {
        function(name, "")
            .returns("trigger")
            .language("plpgsql")
            .body(format!("BEGIN /* {name} */ RETURN NEW; END"))
    };
    let in_schema = || enum_type((name, name), [name, "other"]);
    // The call of a function is SQL, so the sample quotes it itself.
    let call = per_dialect()
        .postgres(format!("\"{}\"()", name.replace('"', "\"\"")))
        .sqlite("SELECT 1;")
        .mysql("SET @a = 1");
    let trigger = trigger(name).before().update_of([name]).on("plain").execute(call);
    let named_column = || column(name, Integer);
    vec![
        sample("table", table(name).column(column("id", Integer).primary_key().unique()).into()),
        sample("column", table("plain").column(named_column().primary_key()).index("idx", [name]).into()),
        sample("added column", add_column("plain", named_column().unique().comment(name))).after(plain()),
        sample("index", index(name).on("plain", ["id"]).into()).after(plain()),
        sample("constraint", add_constraint("plain", check("id > 0").named(name))).after(plain()),
        sample("unnamed constraint", add_constraint(name, unique([name])))
            .after(table(name).column(named_column())),
        sample("foreign key", add_constraint("plain", foreign_key(["id"], name, [name])))
            .after(plain())
            .after(table(name).column(named_column().unique())),
        sample("schema", table((name, name)).column(column("id", Integer)).into()).after(schema(name)),
        sample("enum", Operation::CreateEnum(mood())),
        sample(
            "enum value",
            Operation::AddEnumValue { name: "m".into(), value: enum_value(name).before("b") },
        )
        .after(Operation::CreateEnum(enum_type("m", ["a", "b"]))),
        sample("enum column", add_column("plain", column("c", mood()).not_null().default(name)))
            .after(plain())
            .after(Operation::CreateEnum(mood())),
        sample("replaced enum", Operation::ReplaceEnum(Box::new(replaced(name))))
            .after(schema(name))
            .after(Operation::CreateEnum(enum_type((name, name), [name, "other"])))
            .after(
                table(name)
                    .column(column(name, in_schema()).not_null().default(name))
                    .column(column("array", array(in_schema())).default(["other", name])),
            )
            .after(Operation::InsertRows(rows(name, [name, "array"]).row((name, ["other", name])))),
        sample("view", Operation::CreateView(Box::new(view(name, "SELECT 1").columns([name])))),
        sample("function", Operation::CreateFunction(Box::new(function()))),
        sample("trigger", Operation::CreateTrigger(Box::new(trigger)))
            .after(table("plain").column(named_column()))
            .after(Operation::CreateFunction(Box::new(function()))),
        sample("sequence", Operation::CreateSequence(sequence(name))),
        sample(
            "column of a row",
            Operation::InsertRows(rows("plain", ["id", name]).row((1, name)).key([name])),
        )
        .after(plain())
        .after(add_column("plain", column(name, Text))),
        sample(
            "column of a deleted row",
            Operation::DeleteRows(rows("plain", ["id", name]).row((1, name)).key([name])),
        )
        .after(plain())
        .after(add_column("plain", column(name, Text)))
        .after(Operation::InsertRows(rows("plain", ["id", name]).row((1, name)).row((2, "other")))),
        sample("renamed table", Operation::RenameTable { from: "plain".into(), to: name.to_owned() })
            .after(plain()),
        sample(
            "renamed column",
            Operation::alter(
                "plain",
                TableChange::RenameColumn { from: "id".to_owned(), to: name.to_owned() },
            ),
        )
        .after(plain()),
    ]
}

fn replaced(name: &str) -> ReplaceEnum {
    replace_enum(enum_type((name, name), ["left", name]))
        .map(name, "left")
        .map("other", name)
        .column(name, name)
        .array_column(name, "array")
}
