//! What takes an operation back.

use super::kind::{Leaves, Operation};
use super::name::Dropped;
use super::naming::ConstraintNames;
use super::rows::Rows;
use super::sql::Sql;
use super::table::{AlterTable, TableChange};
use super::{Column, ColumnChange, Comment, Constraint, EnumType, Function, ReplaceEnum, Trigger, View};

/// An operation that cannot be taken back as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no inverse for `{operation}`: {reason}")]
#[non_exhaustive]
pub struct NoInverse {
    /// What it does.
    pub operation: String,
    /// Why there is none.
    pub reason: Reason,
}

/// Why an operation has no inverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A drop by name: what was dropped is not said.
    #[error("what is dropped is known by its name only")]
    DefinitionUnknown,
    /// A drop `IF EXISTS`: it may have dropped nothing.
    #[error("whether there was anything to drop is not known")]
    MayHaveDoneNothing,
    /// `IF NOT EXISTS`: it may have been there before.
    #[error("it may have been there before")]
    MayHaveBeenThere,
    /// A change whose previous state is not said.
    #[error("what it was before is not said")]
    PreviousUnknown,
    /// A replacement of something that is not said.
    #[error("what it replaces is not said")]
    ReplacedUnknown,
    /// Two old values became one, or the old values are not said.
    #[error("the old values cannot be told from the new ones")]
    LosesValues,
    /// A value of an enum type cannot be dropped.
    #[error("PostgreSQL does not drop a value of an enum type")]
    EnumValueStays,
    /// Rows that have no key.
    #[error("no key says which rows they were")]
    NoKey,
    /// SQL without `undo`.
    #[error("SQL has no inverse but the one that `undo` gives it")]
    RawSql,
    /// Rust code that leaves something behind.
    #[error("a step in Rust has no inverse")]
    Data,
}

impl Operation {
    /// What takes this operation back, in order; nothing for one that leaves nothing behind.
    ///
    /// # Errors
    ///
    /// When the operation does not say enough, or destroys something.
    pub fn inverse(&self) -> Result<Vec<Self>, NoInverse> {
        let inverse = match self {
            Self::CreateTable(table) if table.if_not_exists => Err(Reason::MayHaveBeenThere),
            Self::CreateTable(table) => Ok(Self::DropTable((**table).clone().into())),
            Self::DropTable(dropped) => defined(dropped).map(Self::from),
            Self::RenameTable { from, to } => {
                Ok(Self::RenameTable { from: from.sibling(to), to: from.name.clone() })
            }
            Self::AlterTable(alter) => match alter.inverse() {
                Ok(back) if back.changes.is_empty() => return Ok(Vec::new()),
                back => back.map(Self::AlterTable),
            },
            Self::CreateIndex(index) if index.if_not_exists => Err(Reason::MayHaveBeenThere),
            Self::CreateIndex(index) => {
                Ok(Self::DropIndex { table: index.table.clone(), index: (**index).clone().into() })
            }
            Self::DropIndex { index, .. } => {
                let concurrently = index.concurrently;
                let definition = defined(index).ok().filter(|index| !index.keys.is_empty());
                definition.ok_or(Reason::DefinitionUnknown).map(|mut index| {
                    index.concurrently = concurrently;
                    index.into()
                })
            }
            Self::RenameIndex { table, from, to } => {
                Ok(Self::RenameIndex { table: table.clone(), from: to.clone(), to: from.clone() })
            }
            Self::Reindex { .. } | Self::RefreshView { .. } | Self::Data { leaves: Leaves::Nothing, .. } => {
                return Ok(Vec::new());
            }
            Self::CreateEnum(enum_type) => Ok(Self::DropEnum(enum_type.into())),
            Self::DropEnum(dropped) => defined(dropped).map(Self::CreateEnum),
            Self::RenameEnum { from, to } => {
                Ok(Self::RenameEnum { from: from.sibling(to), to: from.name.clone() })
            }
            Self::AddEnumValue { .. } => Err(Reason::EnumValueStays),
            Self::RenameEnumValue { name, from, to } => {
                Ok(Self::RenameEnumValue { name: name.clone(), from: to.clone(), to: from.clone() })
            }
            Self::ReplaceEnum(replace) => replace.inverse().map(|back| Self::ReplaceEnum(Box::new(back))),
            Self::CreateView(view) => view.inverse(),
            Self::DropView { view, .. } => defined(view).map(|view| Self::CreateView(Box::new(view))),
            Self::CreateFunction(function) => function.inverse(),
            Self::DropFunction { function, .. } => {
                defined(function).map(|function| Self::CreateFunction(Box::new(function)))
            }
            Self::CreateTrigger(trigger) => trigger.inverse(),
            Self::DropTrigger { trigger, .. } => {
                defined(trigger).map(|trigger| Self::CreateTrigger(Box::new(trigger)))
            }
            Self::CreateExtension(extension) => {
                // Who knows who brought it: leaving it does no harm.
                if extension.if_not_exists {
                    return Ok(Vec::new());
                }
                Ok(Self::DropExtension(extension.clone().into()))
            }
            Self::DropExtension(dropped) => defined(dropped).map(Self::CreateExtension),
            Self::CreateSequence(sequence) if sequence.if_not_exists => Err(Reason::MayHaveBeenThere),
            Self::CreateSequence(sequence) => Ok(Self::DropSequence(sequence.clone().into())),
            Self::DropSequence(dropped) => defined(dropped).map(Self::CreateSequence),
            Self::RenameSequence { from, to } => {
                Ok(Self::RenameSequence { from: from.sibling(to), to: from.name.clone() })
            }
            Self::CreateSchema { if_not_exists: true, .. } => Err(Reason::MayHaveBeenThere),
            Self::CreateSchema { name, .. } => Ok(Self::DropSchema(Dropped::named(name.as_str()))),
            // A schema is its name; what was in it went with other operations, or by `cascade`.
            Self::DropSchema(dropped) if dropped.cascade => Err(Reason::DefinitionUnknown),
            Self::DropSchema(dropped) if dropped.if_exists => Err(Reason::MayHaveDoneNothing),
            Self::DropSchema(dropped) => {
                Ok(Self::CreateSchema { name: dropped.name.name.clone(), if_not_exists: false })
            }
            Self::RenameSchema { from, to } => Ok(Self::RenameSchema { from: to.clone(), to: from.clone() }),
            Self::Comment { on, comment } => match &comment.was {
                Some(was) => Ok(Self::Comment {
                    on: on.clone(),
                    comment: Comment { text: was.clone(), was: Some(comment.text.clone()) },
                }),
                None => Err(Reason::PreviousUnknown),
            },
            Self::InsertRows(rows) => keyed(rows).map(Self::DeleteRows),
            Self::DeleteRows(rows) => keyed(rows).map(Self::InsertRows),
            Self::Execute(sql) => match sql.undone_by() {
                Some(undo) => Ok(Self::Execute(undo)),
                None => Err(Reason::RawSql),
            },
            Self::Data { leaves: Leaves::Traces, .. } => Err(Reason::Data),
        };
        match inverse {
            Ok(inverse) => Ok(vec![inverse]),
            Err(reason) => Err(NoInverse { operation: self.to_string(), reason }),
        }
    }
}

impl View {
    fn inverse(&self) -> Result<Operation, Reason> {
        let Some(previous) = &self.previous else {
            let back = Operation::DropView { materialized: self.materialized, view: self.clone().into() };
            return if self.or_replace { Err(Reason::ReplacedUnknown) } else { Ok(back) };
        };
        let back = Self { query: previous.clone(), previous: Some(self.query.clone()), ..self.clone() };
        Ok(Operation::CreateView(Box::new(back)))
    }
}

impl Function {
    fn inverse(&self) -> Result<Operation, Reason> {
        let Some(previous) = &self.previous else {
            let procedure = self.returns.is_none();
            let back = Operation::DropFunction { procedure, function: self.clone().into() };
            return if self.or_replace { Err(Reason::ReplacedUnknown) } else { Ok(back) };
        };
        let back = Self { body: previous.clone(), previous: Some(self.body.clone()), ..self.clone() };
        Ok(Operation::CreateFunction(Box::new(back)))
    }
}

impl Trigger {
    fn inverse(&self) -> Result<Operation, Reason> {
        let Some(previous) = &self.previous else {
            let back = Operation::DropTrigger { table: self.table.clone(), trigger: self.clone().into() };
            return if self.or_replace { Err(Reason::ReplacedUnknown) } else { Ok(back) };
        };
        let now = Self { previous: None, ..self.clone() };
        let back = Self { or_replace: true, previous: Some(Box::new(now)), ..(**previous).clone() };
        Ok(Operation::CreateTrigger(Box::new(back)))
    }
}

fn defined<D: Clone>(dropped: &Dropped<D>) -> Result<D, Reason> {
    match &dropped.definition {
        // What depended on it went, too, and is not said.
        Some(_) if dropped.cascade => Err(Reason::DefinitionUnknown),
        Some(_) if dropped.if_exists => Err(Reason::MayHaveDoneNothing),
        Some(definition) => Ok((**definition).clone()),
        None => Err(Reason::DefinitionUnknown),
    }
}

fn keyed(rows: &Rows) -> Result<Rows, Reason> {
    if rows.skip_existing {
        Err(Reason::MayHaveBeenThere)
    } else if rows.key.is_empty() {
        Err(Reason::NoKey)
    } else {
        Ok(rows.clone())
    }
}

impl AlterTable {
    /// The changes taken back, the last one first.
    fn inverse(&self) -> Result<Self, Reason> {
        // In the order in which they are made, for that is how those without a name get one.
        let mut names = ConstraintNames::of_changes(self);
        let changes = self.changes.iter().filter_map(|change| change.inverse(&mut names).transpose());
        let mut changes: Vec<_> = changes.collect::<Result<_, _>>()?;
        changes.reverse();
        Ok(Self { table: self.table.clone(), changes })
    }
}

impl TableChange {
    fn inverse(&self, names: &mut ConstraintNames<'_>) -> Result<Option<Self>, Reason> {
        Ok(Some(match self {
            Self::AddColumn(column) if column.if_not_exists => return Err(Reason::MayHaveBeenThere),
            Self::AddColumn(column) => Self::DropColumn((**column).clone().into()),
            Self::DropColumn(dropped) => Self::AddColumn(Box::new(defined(dropped)?)),
            Self::AlterColumn { column, change } => {
                Self::AlterColumn { column: column.clone(), change: Box::new(change.inverse()?) }
            }
            Self::RenameColumn { from, to } => Self::RenameColumn { from: to.clone(), to: from.clone() },
            Self::AddConstraint(constraint) => {
                let name = names.constraint(constraint);
                Self::DropConstraint(Dropped::defined(name, without_index(constraint)))
            }
            Self::DropConstraint(dropped) => {
                let mut constraint = defined(dropped)?;
                if constraint.name().is_none() && !dropped.name.name.is_empty() {
                    constraint = constraint.with_name(dropped.name.name.clone());
                }
                Self::AddConstraint(Box::new(constraint))
            }
            Self::RenameConstraint { from, to } => {
                Self::RenameConstraint { from: to.clone(), to: from.clone() }
            }
            // A constraint that was looked at need not be forgotten about: it goes with the one before it.
            Self::ValidateConstraint(_) => return Ok(None),
        }))
    }
}

/// A constraint that took an index over drops it with itself; added again it makes its own.
fn without_index(constraint: &Constraint) -> Constraint {
    let mut constraint = constraint.clone();
    match &mut constraint {
        Constraint::PrimaryKey(key) => key.using_index = None,
        Constraint::Unique(unique) => unique.using_index = None,
        _ => {}
    }
    constraint
}

impl Constraint {
    fn with_name(self, name: String) -> Self {
        match self {
            Self::PrimaryKey(it) => it.named(name).into(),
            Self::Unique(it) => it.named(name).into(),
            Self::Check(it) => it.named(name).into(),
            Self::ForeignKey(it) => it.named(name).into(),
            Self::Exclude(it) => it.named(name).into(),
        }
    }
}

impl ColumnChange {
    fn inverse(&self) -> Result<Self, Reason> {
        let mut back =
            Self { nullable: self.nullable.map(|nullable| !nullable), ..<Self as Default>::default() };
        let needs_previous = self.type_.is_some()
            || self.default.is_some()
            || self.identity.is_some()
            || self.collation.is_some()
            || self.comment.is_some();
        if !needs_previous {
            return Ok(back);
        }
        let was = self.was.as_deref().ok_or(Reason::PreviousUnknown)?;
        back.was = Some(Box::new(self.applied_to(was)));
        back.using = self.using.as_ref().and_then(Sql::undone_by);
        back.type_ = self.type_.as_ref().map(|_| was.type_.clone());
        back.nullable = self.nullable.map(|_| was.nullable);
        back.default = self.default.as_ref().map(|_| was.default.clone());
        back.identity = self.identity.as_ref().map(|_| was.identity.clone());
        back.comment = self.comment.as_ref().map(|_| was.comment.clone());
        if self.collation.is_some() {
            back.collation = Some(was.collation.clone().ok_or(Reason::PreviousUnknown)?);
        }
        Ok(back)
    }
}

impl ColumnChange {
    /// The column as the change leaves it.
    pub(super) fn applied_to(&self, was: &Column) -> Column {
        let mut column = was.clone();
        if let Some(type_) = &self.type_ {
            column.type_ = type_.clone();
        }
        if let Some(nullable) = self.nullable {
            column.nullable = nullable;
        }
        if let Some(default) = &self.default {
            column.default.clone_from(default);
        }
        if let Some(identity) = &self.identity {
            column.identity.clone_from(identity);
        }
        if let Some(collation) = &self.collation {
            column.collation = Some(collation.clone());
        }
        if let Some(comment) = &self.comment {
            column.comment.clone_from(comment);
        }
        column
    }
}

impl ReplaceEnum {
    fn inverse(&self) -> Result<Self, Reason> {
        let old = self.from.as_ref().ok_or(Reason::PreviousUnknown)?;
        let becomes = |value: &str| {
            let mapped = self.mapping.iter().find(|(from, _)| from == value);
            mapped.map_or_else(|| value.to_owned(), |(_, to)| to.clone())
        };
        let mut mapping = Vec::new();
        for value in old {
            let new = becomes(value);
            if mapping.iter().any(|(taken, _)| *taken == new) {
                return Err(Reason::LosesValues);
            }
            mapping.push((new, value.clone()));
        }
        mapping.retain(|(new, old)| new != old);
        Ok(Self {
            to: EnumType { name: self.to.name.clone(), values: old.clone() },
            mapping,
            columns: self.columns.clone(),
            from: Some(self.to.values.clone()),
        })
    }
}
