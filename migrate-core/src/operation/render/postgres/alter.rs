//! `ALTER TABLE`: several changes in one statement, as far as PostgreSQL keeps their order.

use std::fmt::Write as _;

use super::column::generated_as;
use super::part::{Part, Parts};
use super::types::is_serial;
use super::writer::{Outcome, Writer};
use crate::connection::Dialect;
use crate::operation::naming::ConstraintNames;
use crate::operation::render::Statement;
use crate::operation::{AlterTable, Column, ColumnChange, ColumnType, CommentTarget, Identity, TableChange};

/// When PostgreSQL does an action, whatever its place among the actions of one statement (`AT_PASS_…` in its
/// `tablecmds.c`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    Drop,
    Type,
    AddColumn,
    Add,
}

/// An action of an `ALTER TABLE`.
struct Action {
    sql: String,
    pass: Pass,
}

/// A change as it can stand together with others.
#[derive(Default)]
struct Rendered {
    actions: Vec<Action>,
    /// The columns and constraints that it is about.
    subjects: Vec<Subject>,
    comment: Option<(String, Option<String>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Column(String),
    Constraint(String),
}

/// Changes that are made in one statement, and the comments that follow it.
#[derive(Default)]
struct Batch<'o> {
    changes: Vec<&'o TableChange>,
    actions: Vec<Action>,
    done: Vec<(Subject, Pass)>,
    comments: Vec<(String, Option<String>)>,
}

impl Writer<'_> {
    pub(super) fn alter_table<'o>(&self, alter: &'o AlterTable) -> Outcome<Parts<'o>> {
        let mut names = ConstraintNames::of_changes(alter);
        let mut parts = Vec::new();
        let mut batch = Batch::default();
        for change in &alter.changes {
            if let Some(alone) = self.alone(alter, change)? {
                self.flush(alter, &mut batch, &mut parts)?;
                let part = Part::Alter { table: &alter.table, changes: vec![change] };
                parts.push((part, Statement::new(alone)));
                continue;
            }
            let rendered = self.change(alter, change, &mut names)?;
            if batch.would_be_reordered(&rendered) {
                self.flush(alter, &mut batch, &mut parts)?;
            }
            batch.push(change, rendered);
        }
        self.flush(alter, &mut batch, &mut parts)?;
        Ok(parts)
    }

    /// A change that is a statement of its own.
    fn alone(&self, alter: &AlterTable, change: &TableChange) -> Outcome<Option<String>> {
        let action = match change {
            TableChange::RenameColumn { from, to } => {
                format!("RENAME COLUMN {} TO {}", self.name(from)?, self.name(to)?)
            }
            TableChange::RenameConstraint { from, to } => {
                format!("RENAME CONSTRAINT {} TO {}", self.name(from)?, self.name(to)?)
            }
            // By itself it lets others write while it looks at the rows; together with another it would not.
            TableChange::ValidateConstraint(name) => format!("VALIDATE CONSTRAINT {}", self.name(name)?),
            _ => return Ok(None),
        };
        Ok(Some(format!("ALTER TABLE {} {action}", self.qualified(&alter.table)?)))
    }

    fn flush<'o>(&self, alter: &'o AlterTable, batch: &mut Batch<'o>, parts: &mut Parts<'o>) -> Outcome<()> {
        let Batch { changes, actions, comments, done: _ } = std::mem::take(batch);
        let table = self.qualified(&alter.table)?;
        let actions: Vec<_> = actions.into_iter().map(|action| action.sql).collect();
        let sql = match &actions[..] {
            [] => None,
            [action] => Some(format!("ALTER TABLE {table} {action}")),
            actions => Some(format!("ALTER TABLE {table}\n    {}", actions.join(",\n    "))),
        };
        if let Some(sql) = sql {
            parts.push((Part::Alter { table: &alter.table, changes }, Statement::new(sql)));
        }
        for (column, text) in comments {
            let target = CommentTarget::Column(alter.table.clone(), column);
            parts.push(self.comment_part(target, text.as_deref())?);
        }
        Ok(())
    }

    fn change(
        &self,
        alter: &AlterTable,
        change: &TableChange,
        names: &mut ConstraintNames<'_>,
    ) -> Outcome<Rendered> {
        match change {
            TableChange::AddColumn(column) => self.add_column(column, names),
            TableChange::DropColumn(column) => {
                let name = &column.name.name;
                let sql = self.drop("COLUMN", column, &self.name(name)?)?;
                Ok(Rendered::one(sql, Pass::Drop, Subject::Column(name.clone())))
            }
            TableChange::AlterColumn { column, change } => self.alter_column(column, change),
            TableChange::AddConstraint(constraint) => {
                let name = names.constraint(constraint);
                let sql = format!("ADD {}", self.constraint(constraint, &name, false)?);
                Ok(Rendered::one(sql, Pass::Add, Subject::Constraint(name)))
            }
            TableChange::DropConstraint(constraint) => {
                let name = constraint.name_in(&alter.table.name);
                let sql = self.drop("CONSTRAINT", constraint, &self.name(&name)?)?;
                Ok(Rendered::one(sql, Pass::Drop, Subject::Constraint(name)))
            }
            TableChange::RenameColumn { .. }
            | TableChange::RenameConstraint { .. }
            | TableChange::ValidateConstraint(_) => Err(self.malformed("it stands alone")),
        }
    }

    fn add_column(&self, column: &Column, names: &mut ConstraintNames<'_>) -> Outcome<Rendered> {
        let before = names.taken().clone();
        let definition = self.column(column, names)?;
        let constraints = names.taken().difference(&before).cloned().map(Subject::Constraint);
        let if_not_exists = if column.if_not_exists { "IF NOT EXISTS " } else { "" };
        let mut rendered = Rendered::one(
            format!("ADD COLUMN {if_not_exists}{definition}"),
            Pass::AddColumn,
            Subject::Column(column.name.clone()),
        );
        rendered.subjects.extend(constraints);
        rendered.comment = column.comment.clone().map(|comment| (column.name.clone(), Some(comment)));
        Ok(rendered)
    }

    fn alter_column(&self, name: &str, change: &ColumnChange) -> Outcome<Rendered> {
        self.check_change(change)?;
        let column = self.name(name)?;
        let mut actions = Vec::new();
        let mut push = |pass, action: &str| {
            actions.push(Action { sql: format!("ALTER COLUMN {column} {action}"), pass });
        };
        let type_ = self.new_type(change)?;
        // A new default comes with a new type, for the old one may not be converted by itself.
        if change.default == Some(None) || (type_.is_some() && change.default.is_some()) {
            push(Pass::Drop, "DROP DEFAULT");
        }
        if change.identity == Some(None) {
            push(Pass::Drop, "DROP IDENTITY");
        }
        if change.nullable == Some(true) {
            push(Pass::Drop, "DROP NOT NULL");
        }
        if let Some(type_) = type_ {
            push(Pass::Type, &type_);
        }
        if let Some(Some(default)) = &change.default {
            let type_ = change.type_.as_ref().or(change.was.as_ref().map(|was| &was.type_));
            push(Pass::Add, &format!("SET DEFAULT {}", self.default(type_, default)?));
        }
        if change.nullable == Some(false) {
            push(Pass::Add, "SET NOT NULL");
        }
        if let Some(Some(identity)) = &change.identity {
            push(Pass::Add, &new_identity(identity, change.was.as_deref()));
        }
        let comment = change.comment.clone().map(|comment| (name.to_owned(), comment));
        Ok(Rendered { actions, subjects: vec![Subject::Column(name.to_owned())], comment })
    }

    /// `TYPE … COLLATE … USING …`, if the change has any of it.
    fn new_type(&self, change: &ColumnChange) -> Outcome<Option<String>> {
        let was = change.was.as_deref();
        let unchanged = was.map(|was| &was.type_).filter(|_| change.collation.is_some());
        let Some(type_) = change.type_.as_ref().or(unchanged) else {
            return Ok(None);
        };
        let mut sql = format!("TYPE {}", self.type_(type_)?);
        // A new type comes with its own collation, so one that is to stay is said again.
        let kept = was.and_then(|was| was.collation.as_ref()).filter(|_| is_text(type_));
        if let Some(collation) = change.collation.as_ref().or(kept) {
            sql.push_str(" COLLATE ");
            sql.push_str(&self.name(collation)?);
        }
        if let Some(using) = &change.using {
            sql.push_str(" USING ");
            sql.push_str(&self.expression(using)?);
        }
        Ok(Some(sql))
    }

    fn check_change(&self, change: &ColumnChange) -> Outcome<()> {
        let ColumnChange { type_, using, nullable, default, identity, collation, comment, was } = change;
        let nothing = type_.is_none()
            && using.is_none()
            && nullable.is_none()
            && default.is_none()
            && identity.is_none()
            && collation.is_none()
            && comment.is_none();
        if nothing {
            return Err(self.malformed("nothing changes"));
        }
        if using.is_some() && type_.is_none() {
            return Err(self.malformed("values are converted only to a new type"));
        }
        if collation.is_some() && type_.is_none() && was.is_none() {
            return Err(self.malformed("PostgreSQL takes a collation with a type only, and none is said"));
        }
        if type_.as_ref().is_some_and(is_serial) {
            return Err(
                self.malformed("only a new column can be serial; `identity()` numbers one that is there")
            );
        }
        if matches!((default, identity), (Some(Some(_)), Some(Some(_)))) {
            return Err(self.malformed("its values would come from a default and from an identity"));
        }
        Ok(())
    }
}

impl<'o> Batch<'o> {
    /// Whether PostgreSQL would do a change before one that it was to come after, of the same column or constraint.
    fn would_be_reordered(&self, next: &Rendered) -> bool {
        let Some(first) = next.actions.iter().map(|action| action.pass).min() else {
            return false;
        };
        let about = |subject: &Subject| next.subjects.contains(subject);
        // Nor is a type changed twice in one statement.
        let too_late = |pass: Pass| first < pass || (first == pass && pass == Pass::Type);
        self.done.iter().any(|(subject, pass)| about(subject) && too_late(*pass))
    }

    fn push(&mut self, change: &'o TableChange, rendered: Rendered) {
        let Rendered { actions, subjects, comment } = rendered;
        if let Some(pass) = actions.iter().map(|action| action.pass).max() {
            self.changes.push(change);
            self.done.extend(subjects.into_iter().map(|subject| (subject, pass)));
        }
        self.actions.extend(actions);
        self.comments.extend(comment);
    }
}

impl Rendered {
    fn one(sql: String, pass: Pass, subject: Subject) -> Self {
        Self { actions: vec![Action { sql, pass }], subjects: vec![subject], comment: None }
    }
}

fn new_identity(identity: &Identity, was: Option<&Column>) -> String {
    if was.is_none_or(|was| was.identity.is_none()) {
        return format!("ADD {}", generated_as(identity));
    }
    let kind = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut sql = format!("SET GENERATED {kind}");
    if let Some(start) = identity.start {
        let _ = write!(sql, " SET START WITH {start}");
    }
    if let Some(increment) = identity.increment {
        let _ = write!(sql, " SET INCREMENT BY {increment}");
    }
    sql
}

fn is_text(type_: &ColumnType) -> bool {
    use ColumnType::{Char, Citext, Text, Varchar};
    matches!(type_.on_dialect(Dialect::Postgres), Text | Varchar(_) | Char(_) | Citext)
}
