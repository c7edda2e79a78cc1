//! What a database holds, as a value: read, compared, printed, stored.
//!
//! [`read`] asks the server once per kind of object and makes a [`Catalog`] of the answers, plain data that can be
//! compared and serialised. [`Catalog::difference`] says what differs, as a tree that prints as readable lines.
//! The readers know nothing of each other and the model knows nothing of them.

mod difference;
mod error;
mod facts;
mod model;
#[cfg(feature = "postgres")]
mod postgres;
mod read;
mod scope;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use self::difference::{AttributeChange, Change, Difference, DifferenceOptions, ObjectKind, What};
pub use self::error::CatalogError;
pub use self::facts::CatalogFacts;
pub use self::model::{
    Action, Attribute, Catalog, Check, Column, ColumnName, Composite, Constraint, Deferrable, Domain, Enum,
    Exclusion, Extension, ForeignKey, ForeignServer, Function, FunctionKind, FunctionName, Generated,
    GeneratedKind, Identity, IdentityKind, Index, IndexKey, IndexTarget, Match, MaterializedView, NameError,
    NotNull, Nulls, ObjectName, Order, PartitionOf, Policy, PolicyCommand, PrimaryKey, ReplicaIdentity, Rule,
    Schema, Sequence, SequenceOptions, Statistics, Table, TableOptions, Trigger, TriggerState, Unique, View,
};
pub use self::read::{read, statistics};
pub use self::scope::Scope;
