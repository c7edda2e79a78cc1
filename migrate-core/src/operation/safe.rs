//! Changes that block nobody for longer than a moment, as the operations that they consist of.
//!
//! On PostgreSQL the plain statement for each of these reads, writes or indexes a whole table under a lock that
//! keeps others from writing. The same end is reached in several transactions, of which the short ones take the
//! strong locks and the long ones only weak ones. Nothing here touches a database.

use super::column::{Column, alter};
use super::constraint::{Check, Constraint, ForeignKey, PrimaryKey, Unique, check};
use super::error::{NoSafeWay, OperationError};
use super::index::{Index, index};
use super::kind::Operation;
use super::name::{Dropped, Name};
use super::naming::column_constraint_name;
use super::render::Quote;
use super::table::{AlterTable, TableChange};
use super::types::ColumnType;
use super::value::ColumnDefault;
use crate::connection::Dialect;

/// A change in two ways: plain, and safe on PostgreSQL.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Safe {
    /// The plain operations: what the other servers do, and whose inverse takes the change back.
    pub(crate) plain: Vec<Operation>,
    /// The operations on PostgreSQL. Those of one group share a transaction; each group has one of its own.
    pub(crate) groups: Vec<Vec<Operation>>,
}

impl Safe {
    fn new(plain: Operation, groups: Vec<Vec<Operation>>) -> Self {
        Self { plain: vec![plain], groups }
    }
}

/// Refuses NULL in a column.
///
/// `SET NOT NULL` reads the whole table under `ACCESS EXCLUSIVE`, unless a valid check says that there is no NULL
/// (PostgreSQL from 12 on); and `VALIDATE` reads it while others go on writing.
pub(crate) fn set_not_null(table: &Name, column: &str) -> Result<Safe, OperationError> {
    let quoted = Quote(Dialect::Postgres).name(column)?;
    let name = column_constraint_name(&table.name, column, "not_null_check");
    let filled = check(format!("{quoted} IS NOT NULL")).named(&name).not_valid();
    let not_null =
        TableChange::AlterColumn { column: column.to_owned(), change: Box::new(alter().not_null()) };
    let change = |change| Operation::alter(table, change);
    let plain = change(not_null.clone());
    let drop = TableChange::DropConstraint(name.as_str().into());
    Ok(Safe::new(
        plain,
        vec![
            vec![change(TableChange::AddConstraint(Box::new(filled.into())))],
            vec![change(TableChange::ValidateConstraint(name))],
            // Not in one statement, of which the server would do the drop first.
            vec![change(not_null), change(drop)],
        ],
    ))
}

/// Adds a constraint.
///
/// A check or a foreign key holds for new rows first, and is then validated for those that are there; the index of
/// a unique constraint or of a primary key is built concurrently and then taken over.
pub(crate) fn add_constraint(table: &Name, constraint: Constraint) -> Result<Safe, OperationError> {
    let name = constraint.name_in(&table.name);
    let add =
        |constraint: Constraint| Operation::alter(table, TableChange::AddConstraint(Box::new(constraint)));
    let plain = add(constraint.clone());
    let groups = match constraint {
        Constraint::Check(Check { not_valid: true, .. })
        | Constraint::ForeignKey(ForeignKey { not_valid: true, .. })
        | Constraint::Unique(Unique { using_index: Some(_), .. }) => vec![vec![plain.clone()]],
        Constraint::Check(check) => validated(table, &name, check.named(&name).not_valid().into()),
        Constraint::ForeignKey(key) => validated(table, &name, key.named(&name).not_valid().into()),
        Constraint::Unique(unique) => {
            let index = Index {
                include: unique.include.clone(),
                nulls_not_distinct: unique.nulls_not_distinct,
                ..unique_index(table, &name, &unique.columns)
            };
            let over = Unique {
                columns: Vec::new(),
                include: Vec::new(),
                nulls_not_distinct: false,
                ..unique.named(&name).using_index(&name)
            };
            vec![vec![index.into()], vec![add(over.into())]]
        }
        Constraint::PrimaryKey(key) => {
            let mut groups = Vec::new();
            for column in &key.columns {
                groups.extend(set_not_null(table, column)?.groups);
            }
            if key.using_index.is_some() {
                groups.push(vec![plain.clone()]);
            } else {
                groups.push(vec![unique_index(table, &name, &key.columns).into()]);
                let over = PrimaryKey { columns: Vec::new(), ..key.named(&name).using_index(&name) };
                groups.push(vec![add(over.into())]);
            }
            groups
        }
        Constraint::Exclude(_) => return Err(refused(&plain, NoSafeWay::Exclusion)),
    };
    Ok(Safe::new(plain, groups))
}

/// Creates an index while its table stays writable.
pub(crate) fn create_index(index: Index) -> Safe {
    let plain = Operation::from(index.concurrently());
    Safe::new(plain.clone(), vec![vec![plain]])
}

/// Drops an index while its table stays writable.
pub(crate) fn drop_index(index: Dropped<Index>, table: Name) -> Safe {
    let plain = Operation::DropIndex { index: Dropped { concurrently: true, ..index }, table };
    Safe::new(plain.clone(), vec![vec![plain]])
}

/// Adds a column, and then its constraints one by one.
///
/// A column whose default is the same for each row costs the server no more than its name (PostgreSQL from 11 on).
///
/// # Errors
///
/// When the server would write each row anew, or rows that are there would have no value.
pub(crate) fn add_column(table: &Name, column: Column) -> Result<Safe, OperationError> {
    let add = |column: Column| Operation::alter(table, TableChange::AddColumn(Box::new(column)));
    let plain = add(column.clone());
    if let Some(reason) = rewrites(&column) {
        return Err(refused(&plain, reason));
    }
    let named = |label: &str| column_constraint_name(&table.name, &column.name, label);
    let mut constraints: Vec<Constraint> = Vec::new();
    for (number, condition) in column.checks.iter().enumerate() {
        let label = if number == 0 { "check".to_owned() } else { format!("check{number}") };
        constraints.push(check(condition.clone()).named(named(&label)).into());
    }
    if column.unique {
        constraints.push(super::unique([&column.name]).named(named("key")).into());
    }
    if let Some(references) = &column.references {
        let key = super::foreign_key([&column.name], &references.table, references.columns.clone());
        let key = ForeignKey { references: references.clone(), ..key };
        constraints.push(key.named(named("fkey")).into());
    }
    let bare = Column { checks: Vec::new(), unique: false, references: None, ..column };
    let mut groups = vec![vec![add(bare)]];
    for constraint in constraints {
        groups.extend(add_constraint(table, constraint)?.groups);
    }
    Ok(Safe::new(plain, groups))
}

/// Why a column cannot be added in a moment.
fn rewrites(column: &Column) -> Option<NoSafeWay> {
    let numbered = matches!(
        column.type_.on_dialect(Dialect::Postgres),
        ColumnType::SmallSerial | ColumnType::Serial | ColumnType::BigSerial
    );
    if column.primary_key {
        Some(NoSafeWay::PrimaryKeyColumn)
    } else if numbered || column.identity.is_some() {
        Some(NoSafeWay::Numbered)
    } else if column.generated.as_ref().is_some_and(|generated| generated.stored) {
        Some(NoSafeWay::Stored)
    } else if matches!(column.default, Some(ColumnDefault::Expression(_))) {
        // What it calls may give each row a value of its own: only the server knows.
        Some(NoSafeWay::ExpressionDefault)
    } else if !column.nullable && column.default.is_none() && column.generated.is_none() {
        Some(NoSafeWay::NoValueForRows)
    } else {
        None
    }
}

fn validated(table: &Name, name: &str, not_valid: Constraint) -> Vec<Vec<Operation>> {
    let change =
        |change| vec![Operation::AlterTable(AlterTable { table: table.clone(), changes: vec![change] })];
    vec![
        change(TableChange::AddConstraint(Box::new(not_valid))),
        change(TableChange::ValidateConstraint(name.to_owned())),
    ]
}

fn unique_index(table: &Name, name: &str, columns: &[String]) -> Index {
    index(name).on(table, columns.to_vec()).unique().concurrently()
}

fn refused(operation: &Operation, reason: NoSafeWay) -> OperationError {
    OperationError::NoSafeWay { operation: operation.to_string(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::names::*;
    use crate::operation::{column, exclude, expression, foreign_key, now, primary_key, unique};

    fn sql(safe: &Safe) -> Vec<Vec<String>> {
        let statement = |operation: &Operation| {
            let pieces = operation.render(Dialect::Postgres).unwrap();
            let texts: Vec<_> = pieces
                .into_iter()
                .map(|piece| match piece {
                    super::super::render::Piece::Statement(statement) => statement.sql,
                    piece @ super::super::render::Piece::Resolve(_) => panic!("{piece:?}"),
                })
                .collect();
            texts.join("; ")
        };
        safe.groups.iter().map(|group| group.iter().map(statement).collect()).collect()
    }

    #[test]
    fn not_null_is_proved_by_a_check_first() {
        let safe = set_not_null(&"users".into(), "email").unwrap();
        assert_eq!(
            sql(&safe),
            [
                vec![
                    r#"ALTER TABLE "users" ADD CONSTRAINT "users_email_not_null_check" CHECK ("email" IS NOT NULL) NOT VALID"#
                ],
                vec![r#"ALTER TABLE "users" VALIDATE CONSTRAINT "users_email_not_null_check""#],
                vec![
                    r#"ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL"#,
                    r#"ALTER TABLE "users" DROP CONSTRAINT "users_email_not_null_check""#,
                ],
            ]
        );
        assert_eq!(
            safe.plain,
            [Operation::alter(
                "users",
                TableChange::AlterColumn { column: "email".to_owned(), change: Box::new(alter().not_null()) }
            )]
        );
    }

    #[test]
    fn a_foreign_key_is_validated_in_a_transaction_of_its_own() {
        let key = foreign_key(["team_id"], "teams", ["id"]);
        let groups = sql(&add_constraint(&"users".into(), key.clone().into()).unwrap());
        assert_eq!(groups.len(), 2);
        assert!(groups[0][0].ends_with("NOT VALID"), "{groups:?}");
        assert_eq!(groups[1], [r#"ALTER TABLE "users" VALIDATE CONSTRAINT "users_team_id_fkey""#]);
        // Who asks for it to be left unchecked gets just that.
        let safe = add_constraint(&"users".into(), key.not_valid().into()).unwrap();
        assert_eq!(safe.groups.concat(), safe.plain);
    }

    #[test]
    fn a_unique_constraint_takes_an_index_over_with_all_it_has() {
        let constraint = unique(["email"]).nulls_not_distinct().include(["name"]).initially_deferred();
        let groups = sql(&add_constraint(&("app", "users").into(), constraint.into()).unwrap());
        assert_eq!(
            groups.concat(),
            [
                r#"CREATE UNIQUE INDEX CONCURRENTLY "users_email_key" ON "app"."users" ("email") INCLUDE ("name") NULLS NOT DISTINCT"#,
                r#"ALTER TABLE "app"."users" ADD CONSTRAINT "users_email_key" UNIQUE USING INDEX "users_email_key" DEFERRABLE INITIALLY DEFERRED"#,
            ]
        );
    }

    #[test]
    fn a_primary_key_is_proved_not_null_first() {
        let groups = sql(&add_constraint(&"users".into(), primary_key(["a", "b"]).into()).unwrap());
        let last = groups[6..].concat();
        assert_eq!(
            last,
            [
                r#"CREATE UNIQUE INDEX CONCURRENTLY "users_pkey" ON "users" ("a", "b")"#,
                r#"ALTER TABLE "users" ADD CONSTRAINT "users_pkey" PRIMARY KEY USING INDEX "users_pkey""#,
            ]
        );
    }

    #[test]
    fn a_column_comes_bare_and_its_constraints_follow() {
        let it = column("team_id", BigInt)
            .not_null()
            .default(1_i64)
            .references("teams", "id")
            .check("team_id > 0");
        let safe = add_column(&"users".into(), it).unwrap();
        let groups = sql(&safe);
        assert_eq!(groups[0], [r#"ALTER TABLE "users" ADD COLUMN "team_id" bigint DEFAULT 1 NOT NULL"#]);
        assert_eq!(groups.len(), 5, "{groups:?}");
        assert!(groups[1][0].contains("users_team_id_check"));
        assert!(groups[3][0].contains("users_team_id_fkey"));
        assert_eq!(safe.plain.len(), 1);
    }

    #[test]
    fn what_writes_each_row_anew_is_refused() {
        let reason = |column: Column| match add_column(&"users".into(), column) {
            Err(OperationError::NoSafeWay { reason, .. }) => Some(reason),
            outcome => outcome.map(|_| None).unwrap(),
        };
        assert_eq!(reason(column("a", BigInt).identity()), Some(NoSafeWay::Numbered));
        assert_eq!(reason(column("a", BigInt).primary_key()), Some(NoSafeWay::PrimaryKeyColumn));
        assert_eq!(reason(column("a", BigInt).generated("b + 1")), Some(NoSafeWay::Stored));
        assert_eq!(reason(column("a", Text).default(expression("f()"))), Some(NoSafeWay::ExpressionDefault));
        assert_eq!(reason(column("a", Text).not_null()), Some(NoSafeWay::NoValueForRows));
        assert_eq!(reason(column("a", Timestamptz).not_null().default(now())), None);
        assert_eq!(reason(column("a", Text)), None);
        let refused = add_constraint(&"rooms".into(), exclude([("during", "&&")]).into()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "cannot safely add exclusion constraint to rooms: its index cannot be built concurrently"
        );
    }
}
