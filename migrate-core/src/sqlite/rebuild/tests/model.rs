//! Tables that know their own text: drawn, changed and written without the code under test.

use std::fmt::Write as _;

/// A source of choices; when it is used up, the first choice is taken.
pub(super) struct Dice {
    rolls: std::vec::IntoIter<u16>,
}

impl Dice {
    pub(super) fn new(rolls: Vec<u16>) -> Self {
        Self { rolls: rolls.into_iter() }
    }

    pub(super) fn below(&mut self, sides: usize) -> usize {
        usize::from(self.rolls.next().unwrap_or(0)) % sides
    }

    pub(super) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == sides - 1
    }

    pub(super) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const NAMES: &[&str] = &[
    "plain",
    "Mixed",
    "sp ace",
    "select",
    "q\"q",
    "it's",
    "naïve ☃",
    "x]y",
    "a.b",
    "-- c",
    "tick`",
    "rowid",
];
const LOOSE_TYPES: &[&str] =
    &["", "INTEGER", "INT", "TEXT", "VARCHAR ( 10 )", "NUMERIC(10, -2)", "REAL", "BLOB", "key of odd type"];
const STRICT_TYPES: &[&str] = &["ANY", "INTEGER", "INT", "TEXT", "REAL", "BLOB"];
pub(super) const DEFAULTS: &[&str] =
    &["0", "'x, ) y'", "NULL", "(1 + 1)", "-1.5", "CURRENT_TIMESTAMP", "x'0f'", "(abs(-3))", "TRUE", "Bare"];
pub(super) const COLLATIONS: &[&str] = &["NOCASE", "RTRIM", "BINARY"];
const VALUES: &[&str] = &["NULL", "1", "2", "3", "-7", "'x'", "'Y'", "'12'", "2.5", "x'01'", "''"];

#[derive(Debug, Clone, Default)]
pub(super) struct Col {
    pub(super) name: String,
    pub(super) declared: String,
    pub(super) not_null: bool,
    pub(super) default: Option<String>,
    pub(super) collation: Option<&'static str>,
    pub(super) unique: bool,
    /// Name and expression.
    pub(super) checks: Vec<(Option<String>, String)>,
    /// The target as it is written.
    pub(super) references: Option<String>,
    /// The expression, and whether it is stored.
    pub(super) generated: Option<(String, bool)>,
    /// Whether it came with a change: one of its name that was there before is another one.
    pub(super) is_new: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    None,
    Column { column: String, autoincrement: bool },
    Table(Vec<String>),
}

#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) cols: Vec<Col>,
    pub(super) key: Key,
    pub(super) uniques: Vec<(Option<String>, Vec<String>)>,
    pub(super) checks: Vec<(Option<String>, String)>,
    pub(super) strict: bool,
    pub(super) without_rowid: bool,
    /// Whether each item has its line, with comments.
    lines: bool,
    /// Whether another table refers to the key.
    pub(super) child: bool,
}

/// A name as an identifier, in one of SQLite's ways of quoting; always the same way for the same name.
pub(super) fn quoted(name: &str) -> String {
    match name.len() % 4 {
        0 if !name.contains(']') => format!("[{name}]"),
        1 => format!("`{}`", name.replace('`', "``")),
        2 if name.bytes().all(|byte| byte.is_ascii_alphabetic()) && name != "select" => name.to_owned(),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

impl Model {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let strict = dice.one_in(4);
        let name = dice.of(NAMES).replace("rowid", "Table");
        let mut model = Self {
            name,
            cols: Vec::new(),
            key: Key::None,
            uniques: Vec::new(),
            checks: Vec::new(),
            strict,
            without_rowid: false,
            lines: dice.one_in(2),
            child: false,
        };
        for _ in 0..3 + dice.below(4) {
            let col = model.draw_col(dice);
            model.cols.push(col);
        }
        model.draw_key(dice);
        let names: Vec<_> = model.cols.iter().map(|col| col.name.clone()).collect();
        if dice.one_in(3) {
            let name = dice.one_in(2).then(|| "two keys".to_owned());
            model.uniques.push((name, vec![names[1].clone(), names[0].clone()]));
        }
        if dice.one_in(2) {
            let name = dice.one_in(2).then(|| "never".to_owned());
            let own = if dice.one_in(2) { format!("{}.", quoted(&model.name)) } else { String::new() };
            model.checks.push((name, format!("{own}{} IS NOT 'never)'", quoted(&names[0]))));
        }
        if dice.one_in(3) {
            let expression = format!("{} || '!'", quoted(&names[0]));
            let stored = dice.one_in(2);
            let name = model.free_name(dice);
            let declared = model.declared(dice);
            model.cols.push(Col { name, declared, generated: Some((expression, stored)), ..Col::default() });
        }
        model
    }

    fn draw_key(&mut self, dice: &mut Dice) {
        let first = self.cols[0].name.clone();
        match dice.below(5) {
            0 | 1 => {
                "INTEGER".clone_into(&mut self.cols[0].declared);
                self.key = Key::Column { column: first, autoincrement: dice.one_in(2) };
                self.child = dice.one_in(2);
            }
            2 => {
                self.key = Key::Column { column: first, autoincrement: false };
                self.child = dice.one_in(2);
                self.without_rowid = dice.one_in(2);
            }
            3 => {
                self.key = Key::Table(vec![self.cols[1].name.clone(), first]);
                self.without_rowid = dice.one_in(2);
            }
            _ => {}
        }
        if let (Key::Column { .. }, true) = (&self.key, dice.one_in(3)) {
            self.cols[2].references = Some(format!("{} ON DELETE CASCADE", quoted(&self.name)));
        } else if dice.one_in(3) {
            self.cols[2].references =
                Some("Other (\"k\") ON UPDATE SET NULL NOT DEFERRABLE INITIALLY IMMEDIATE".to_owned());
        }
    }

    /// A column without a place in a key.
    pub(super) fn draw_col(&self, dice: &mut Dice) -> Col {
        let name = self.free_name(dice);
        let checks = match dice.below(4) {
            2 => vec![(None, format!("length({}) < 90", quoted(&name)))],
            3 => vec![(Some(format!("check of {name}")), format!("{} <> 'zz' /* ) */", quoted(&name)))],
            _ => Vec::new(),
        };
        Col {
            declared: self.declared(dice),
            not_null: dice.one_in(4),
            default: dice.one_in(3).then(|| dice.of(DEFAULTS).to_owned()),
            collation: dice.one_in(4).then(|| dice.of(COLLATIONS)),
            unique: dice.one_in(6),
            checks,
            name,
            ..Col::default()
        }
    }

    pub(super) fn declared(&self, dice: &mut Dice) -> String {
        dice.of(if self.strict { STRICT_TYPES } else { LOOSE_TYPES }).to_owned()
    }

    fn free_name(&self, dice: &mut Dice) -> String {
        let name = dice.of(NAMES);
        let taken = |name: &str| self.cols.iter().any(|col| col.name.eq_ignore_ascii_case(name));
        let mut free = name.to_owned();
        while taken(&free) {
            free.push('2');
        }
        free
    }

    pub(super) fn col(&mut self, name: &str) -> &mut Col {
        self.cols.iter_mut().find(|col| col.name == name).unwrap()
    }

    /// The statement that makes the table under a name.
    pub(super) fn statement(&self, name: &str) -> String {
        let mut items: Vec<_> = self.cols.iter().map(|col| self.column(col)).collect();
        let named = |name: &Option<String>| {
            name.as_ref().map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default()
        };
        let list =
            |columns: &[String]| columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" ,");
        if let Key::Table(columns) = &self.key {
            items.push(format!("PRIMARY KEY({})", list(columns)));
        }
        for (name, columns) in &self.uniques {
            items.push(format!("{}UNIQUE ({})", named(name), list(columns)));
        }
        for (constraint, expression) in &self.checks {
            // Before its columns the table's own name would be wrong under another one.
            let own = format!("{}.", quoted(&self.name));
            let expression =
                if name == self.name { expression.clone() } else { expression.replace(&own, "") };
            items.push(format!("{}CHECK ({expression})", named(constraint)));
        }
        let mut options = Vec::new();
        options.extend(self.strict.then_some("STRICT"));
        options.extend(self.without_rowid.then_some("WITHOUT ROWID"));
        let items = if self.lines {
            let end = items.len() - 1;
            let line = |(number, item): (usize, &String)| {
                let comma = if number == end { "" } else { "," };
                format!("\n    {item}{comma} -- item, number ({number}")
            };
            format!("{}\n", items.iter().enumerate().map(line).collect::<String>())
        } else {
            items.join(",")
        };
        format!("CREATE TABLE {}({items}) {}", quoted(name), options.join(", "))
    }

    /// The definition of one column.
    pub(super) fn column(&self, col: &Col) -> String {
        let mut text = quoted(&col.name);
        let mut add = |part: &str| write!(text, " {part}").unwrap();
        if !col.declared.is_empty() {
            add(&col.declared);
        }
        if let Key::Column { column, autoincrement } = &self.key
            && *column == col.name
        {
            add(if *autoincrement { "primary KEY AUTOINCREMENT" } else { "primary KEY" });
        }
        if let Some((expression, stored)) = &col.generated {
            let kind = if *stored { "STORED" } else { "" };
            add(&format!("GENERATED ALWAYS AS ({expression}) {kind}"));
        }
        if col.not_null {
            add("NOT /* never */ NULL");
        }
        if let Some(default) = &col.default {
            add(&format!("DEFAULT {default}"));
        }
        if let Some(collation) = col.collation {
            add(&format!("COLLATE {collation}"));
        }
        if col.unique {
            add("UNIQUE");
        }
        for (name, expression) in &col.checks {
            let name = name.as_ref().map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default();
            add(&format!("{name}CHECK ({expression})"));
        }
        if let Some(target) = &col.references {
            add(&format!("REFERENCES {target}"));
        }
        text
    }

    /// The indexes and triggers of the table.
    pub(super) fn parts(&self) -> Vec<String> {
        let (table, a, b) = (quoted(&self.name), quoted(&self.cols[0].name), quoted(&self.cols[1].name));
        vec![
            format!("CREATE INDEX \"by both\" ON {table} ({a} DESC, {b} COLLATE nocase) -- twice"),
            format!("CREATE INDEX by_expression ON {table}(lower({b})) WHERE {a} IS NOT NULL"),
            format!(
                "CREATE TRIGGER own AFTER UPDATE ON {table} WHEN new.{a} IS NULL BEGIN INSERT INTO log VALUES (new.{b}); END"
            ),
        ]
    }

    /// Everything, with rows as far as they fit.
    pub(super) fn script(&self, dice: &mut Dice) -> Vec<String> {
        let (table, a, b) = (quoted(&self.name), quoted(&self.cols[0].name), quoted(&self.cols[1].name));
        let mut script = vec![
            "CREATE TABLE log (what)".to_owned(),
            "CREATE TABLE other (k PRIMARY KEY)".to_owned(),
            "INSERT INTO other VALUES (1), (2), ('x')".to_owned(),
            self.statement(&self.name),
        ];
        script.extend(self.parts());
        script.push(format!("CREATE VIEW \"the view\" AS SELECT {a}, t.{b} FROM {table} AS t"));
        script.push(format!(
            "CREATE TRIGGER foreign_one AFTER INSERT ON log BEGIN UPDATE {table} SET {b} = {b} WHERE 0; END"
        ));
        let written: Vec<_> = self.cols.iter().filter(|col| col.generated.is_none()).collect();
        let names: Vec<_> = written.iter().map(|col| quoted(&col.name)).collect();
        for _ in 0..dice.below(12) {
            let values: Vec<_> = written.iter().map(|_| dice.of(VALUES)).collect();
            let (names, values) = (names.join(", "), values.join(", "));
            script.push(format!("INSERT INTO {table} ({names}) VALUES ({values})"));
        }
        if self.child {
            let target = table.to_ascii_uppercase();
            script.push(format!("CREATE TABLE child (x REFERENCES {target} ON DELETE CASCADE)"));
            script.push(format!("INSERT INTO child SELECT {a} FROM {table} WHERE {a} IS NOT NULL"));
        }
        script
    }
}
