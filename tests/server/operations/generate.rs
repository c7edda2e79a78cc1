//! Lists of operations that can be done one after the other, and taken back.

use fastrand::Rng;
use migrate_core::operation::{
    AlterTable, Column, ColumnType, CommentTarget, Constraint, Dropped, EnumType, Operation, ReplaceEnum,
    TableChange, alter, check, column, comment, enum_type, foreign_key, replace_enum, table, unique, varchar,
};
use migrate_core::prelude::{Cascade, SetNull};

use super::model::{Known, index_on, quoted};

/// A schema, and operations on it.
pub(super) struct Case {
    pub(super) setup: Vec<Operation>,
    pub(super) operations: Vec<Operation>,
}

/// The case of a seed.
pub(super) fn case(seed: u64) -> Case {
    let mood = enum_type("mood", ["v0", "v1", "v2"]);
    let mut generator = Generator { random: Rng::with_seed(seed), tables: Vec::new(), names: 0, mood };
    let mut setup = vec![Operation::CreateEnum(generator.mood.clone())];
    for _ in 0..generator.random.usize(1..4) {
        setup.push(generator.create_table());
    }
    for _ in 0..generator.random.usize(0..6) {
        setup.extend(generator.operation());
    }
    let wanted = generator.random.usize(1..10);
    let mut operations = Vec::new();
    while operations.len() < wanted {
        operations.extend(generator.operation());
    }
    Case { setup, operations }
}

struct Generator {
    random: Rng,
    tables: Vec<Known>,
    names: u32,
    mood: EnumType,
}

impl Generator {
    /// A name that nothing has; some are hard to quote.
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        let number = self.names;
        match self.random.u8(0..6) {
            0 => format!("{kind} \"{number}\"'s"),
            1 => format!("Select{kind}.{number}"),
            _ => format!("{kind}{number}"),
        }
    }

    fn operation(&mut self) -> Option<Operation> {
        let place = self.random.usize(0..self.tables.len());
        match self.random.u8(0..20) {
            0 => Some(self.create_table()),
            1 => self.drop_table(place),
            2 => Some(self.rename_table(place)),
            3 => Some(self.comment(place)),
            4 | 5 => self.create_index(place),
            6 => self.drop_index(place),
            7 => self.rename_index(place),
            8 => Some(self.replace_enum()),
            _ => self.alter_table(place),
        }
    }

    fn create_table(&mut self) -> Operation {
        let name = self.name("t");
        let id = column("id", ColumnType::BigInt).primary_key();
        let id = if self.random.bool() { id.identity() } else { id };
        let mut definition = table(&name).column(id);
        self.tables.push(Known { definition: definition.clone(), is_faithful: true });
        let place = self.tables.len() - 1;
        for _ in 0..self.random.usize(0..5) {
            definition = definition.column(self.column(place));
            self.tables[place].definition = definition.clone();
        }
        if self.random.bool() {
            definition = definition.constraint(self.constraint(place));
        }
        self.tables[place].definition = definition.clone();
        definition.into()
    }

    fn drop_table(&mut self, place: usize) -> Option<Operation> {
        let name = self.tables[place].name();
        let is_alone = !self.tables.iter().any(|other| other.name() != name && other.refers_to(&name));
        if self.tables.len() < 2 || !is_alone || !self.tables[place].is_faithful {
            return None;
        }
        Some(Operation::DropTable(self.tables.remove(place).definition.into()))
    }

    fn rename_table(&mut self, place: usize) -> Operation {
        let (from, to) = (self.tables[place].name(), self.name("t"));
        self.tables[place].definition.name = to.as_str().into();
        for index in &mut self.tables[place].definition.indexes {
            index.table = to.as_str().into();
        }
        self.tables[place].is_faithful = false;
        self.tables.iter_mut().for_each(|table| table.follow(&from, &to));
        Operation::RenameTable { from: from.into(), to }
    }

    fn comment(&mut self, place: usize) -> Operation {
        let text = self.name("comment");
        let table = &mut self.tables[place].definition;
        let was = table.comment.replace(text.clone());
        let comment = match was {
            Some(was) => comment(text).was(was),
            None => comment(text),
        };
        Operation::Comment { on: CommentTarget::Table(table.name.clone()), comment }
    }

    fn create_index(&mut self, place: usize) -> Option<Operation> {
        let (name, kind) = (self.name("idx"), self.random.u8(0..4));
        let known = &mut self.tables[place];
        let column = self.random.choice(known.alterable())?;
        let index = index_on(name, &known.name(), &known.definition.columns[column], kind);
        known.definition.indexes.push(index.clone());
        Some(index.into())
    }

    fn drop_index(&mut self, place: usize) -> Option<Operation> {
        let table = &mut self.tables[place].definition;
        let index = self.random.choice(0..table.indexes.len())?;
        Some(Operation::DropIndex { index: table.indexes.remove(index).into(), table: table.name.clone() })
    }

    fn rename_index(&mut self, place: usize) -> Option<Operation> {
        let to = self.name("idx");
        let table = &mut self.tables[place].definition;
        let index = self.random.choice(0..table.indexes.len())?;
        let from = std::mem::replace(&mut table.indexes[index].name, to.clone());
        Some(Operation::RenameIndex { table: table.name.clone(), from, to })
    }

    fn replace_enum(&mut self) -> Operation {
        let old = self.mood.values.clone();
        let mut new: Vec<_> = old.iter().map(|_| self.name("v")).collect();
        // Some stay, some change places.
        if self.random.bool() {
            new[0].clone_from(&old[1]);
            new[1].clone_from(&old[0]);
        }
        let mapping: Vec<_> = old.iter().cloned().zip(new.iter().cloned()).collect();
        self.mood = enum_type("mood", new);
        let mut replace: ReplaceEnum = replace_enum(self.mood.clone()).from(old);
        for (old, new) in &mapping {
            replace = replace.map(old, new);
        }
        for known in &mut self.tables {
            for column in &known.definition.columns {
                if matches!(column.type_, ColumnType::Enum(_)) {
                    replace = replace.column(known.name(), &column.name);
                }
            }
            known.replace_enum(&self.mood, &mapping);
        }
        Operation::ReplaceEnum(Box::new(replace))
    }

    fn alter_table(&mut self, place: usize) -> Option<Operation> {
        let table = self.tables[place].definition.name.clone();
        let wanted = if self.random.u8(0..3) == 0 { self.random.usize(2..5) } else { 1 };
        let changes: Vec<_> = (0..wanted).filter_map(|_| self.change(place)).collect();
        (!changes.is_empty()).then_some(Operation::AlterTable(AlterTable { table, changes }))
    }

    fn change(&mut self, place: usize) -> Option<TableChange> {
        match self.random.u8(0..14) {
            0..3 => {
                let column = self.column(place);
                self.tables[place].definition.columns.push(column.clone());
                Some(TableChange::AddColumn(Box::new(column)))
            }
            3 | 4 => {
                let known = &mut self.tables[place];
                let column = self.random.choice(known.droppable())?;
                Some(TableChange::DropColumn(known.definition.columns.remove(column).into()))
            }
            5 => self.rename_column(place),
            6..10 => self.alter_column(place),
            10 | 11 => {
                let constraint = self.constraint(place);
                self.tables[place].definition.constraints.push(constraint.clone());
                Some(TableChange::AddConstraint(Box::new(constraint)))
            }
            12 => {
                let constraints = &mut self.tables[place].definition.constraints;
                let constraint = self.random.choice(0..constraints.len())?;
                Some(TableChange::DropConstraint(Dropped::from(constraints.remove(constraint))))
            }
            _ => self.rename_constraint(place),
        }
    }

    fn rename_column(&mut self, place: usize) -> Option<TableChange> {
        let to = self.name("c");
        let known = &mut self.tables[place];
        let column = self.random.choice(known.renameable())?;
        let from = std::mem::replace(&mut known.definition.columns[column].name, to.clone());
        Some(TableChange::RenameColumn { from, to })
    }

    fn rename_constraint(&mut self, place: usize) -> Option<TableChange> {
        let to = self.name("k");
        let constraints = &mut self.tables[place].definition.constraints;
        let constraint = self.random.choice(constraints)?;
        let from = constraint.name()?.to_owned();
        *constraint = match constraint.clone() {
            Constraint::Unique(it) => it.named(&to).into(),
            Constraint::Check(it) => it.named(&to).into(),
            Constraint::ForeignKey(it) => it.named(&to).into(),
            other => other,
        };
        Some(TableChange::RenameConstraint { from, to })
    }

    fn alter_column(&mut self, place: usize) -> Option<TableChange> {
        let known = &mut self.tables[place];
        let column = self.random.choice(known.alterable())?;
        let column = &mut known.definition.columns[column];
        let was = column.clone();
        let mut change = alter();
        if self.random.bool() {
            column.nullable = !column.nullable;
            change = if column.nullable { change.nullable() } else { change.not_null() };
        }
        let wider = match &column.type_ {
            ColumnType::Integer => Some(ColumnType::BigInt),
            ColumnType::Varchar(length) => Some(varchar(length + 10)),
            _ => None,
        };
        if let Some(wider) = wider.filter(|_| self.random.bool()) {
            column.type_ = wider.clone();
            change = change.type_(wider);
        }
        if change.type_.is_none() && change.nullable.is_none() || self.random.bool() {
            column.default = default_for(&mut self.random, &column.type_);
            change.default = Some(column.default.clone());
        }
        Some(TableChange::AlterColumn { column: column.name.clone(), change: Box::new(change.was(was)) })
    }

    fn column(&mut self, place: usize) -> Column {
        let name = self.name("c");
        let known = [
            ColumnType::Integer,
            ColumnType::BigInt,
            ColumnType::Text,
            varchar(20),
            ColumnType::Boolean,
            ColumnType::Timestamp,
            ColumnType::Binary,
            (&self.mood).into(),
        ];
        let type_ = known[self.random.usize(0..known.len())].clone();
        let own = column(&name, type_.clone());
        match self.random.u8(0..8) {
            0 => own.unique(),
            1 => own.check(format!("{} IS NOT NULL", quoted(&name))),
            2 => column(name, ColumnType::BigInt).references(self.target(place), "id").on_delete(SetNull),
            3 => column(name, ColumnType::BigInt).generated("\"id\" * 2"),
            4 => own.not_null(),
            _ => {
                let mut own = own;
                own.default = default_for(&mut self.random, &type_);
                own
            }
        }
    }

    fn constraint(&mut self, place: usize) -> Constraint {
        let name = self.name("k");
        let target = self.target(place);
        let columns = &self.tables[place].definition.columns;
        let column = &columns[self.random.usize(0..columns.len())].name;
        let numbers = self.tables[place].columns_of(&ColumnType::BigInt);
        match (self.random.u8(0..3), self.random.choice(numbers)) {
            // PostgreSQL makes one constraint of two on the same columns.
            (0, _) if column != "id" => unique(["id", column]).named(name).into(),
            (1, Some(number)) => {
                let number = columns[number].name.clone();
                let key = foreign_key([number], target, ["id"]).named(name).on_delete(Cascade);
                if self.random.bool() { key.initially_deferred().into() } else { key.into() }
            }
            _ => check(format!("{} IS NOT NULL OR \"id\" > 0", quoted(column))).named(name).into(),
        }
    }

    /// A table that is there already, so that it can be referred to.
    fn target(&mut self, place: usize) -> String {
        self.tables[self.random.usize(0..=place)].name()
    }
}

fn default_for(random: &mut Rng, type_: &ColumnType) -> Option<migrate_core::operation::ColumnDefault> {
    use migrate_core::operation::{expression, now};
    let number = random.i32(-9..9);
    let default = match type_ {
        ColumnType::Integer | ColumnType::BigInt => number.into(),
        ColumnType::Text | ColumnType::Varchar(_) => format!("it's \\ {number}").into(),
        ColumnType::Boolean => random.bool().into(),
        ColumnType::Timestamp => now(),
        ColumnType::Enum(mood) => mood.values[random.usize(0..mood.values.len())].clone().into(),
        _ => return None,
    };
    match random.u8(0..5) {
        0 => None,
        1 if matches!(type_, ColumnType::BigInt) => Some(expression(format!("1 + {}", random.u8(0..9)))),
        _ => Some(default),
    }
}

/// The operations in words.
pub(super) fn words(operations: &[Operation]) -> String {
    let lines: Vec<_> = operations.iter().map(|operation| format!("  {operation:?}\n")).collect();
    lines.concat()
}
