//! What the samples of the package `migrate-tests` do not have.

use crate::connection::Dialect;
use crate::operation::names::{BigInt, Integer, Jsonb, Text, Timestamp};
use crate::operation::*;

fn sql(operation: impl Into<Operation>) -> Vec<String> {
    let pieces = super::render(&operation.into()).unwrap();
    pieces.into_iter().map(|statement| statement.sql).collect()
}

fn change(column: &str, change: ColumnChange) -> TableChange {
    TableChange::AlterColumn { column: column.to_owned(), change: Box::new(change) }
}

fn alter_t(changes: Vec<TableChange>) -> Operation {
    Operation::AlterTable(AlterTable { table: "t".into(), changes })
}

#[test]
fn a_condition_of_a_trigger_stands_in_its_body() {
    let trigger = trigger("fill").before().insert().on("t").when("NEW.c IS NULL").execute("SET NEW.c = 'x';");
    assert_eq!(
        sql(Operation::CreateTrigger(Box::new(trigger.or_replace()))),
        [
            "DROP TRIGGER IF EXISTS `fill`",
            "CREATE TRIGGER `fill` BEFORE INSERT ON `t` FOR EACH ROW\nBEGIN\n  IF (NEW.c IS NULL) THEN\n    \
             SET NEW.c = 'x';\n  END IF;\nEND",
        ]
    );
}

#[test]
fn changes_go_together_until_one_is_about_what_another_was_about() {
    let changes = vec![
        column("a", Integer).not_null().into(),
        TableChange::AddConstraint(Box::new(check("b > 0").into())),
        change("b", alter().default(1)),
        TableChange::RenameColumn { from: "b".to_owned(), to: "c".to_owned() },
        TableChange::DropColumn("d".into()),
    ];
    assert_eq!(
        sql(alter_t(changes)),
        [
            "ALTER TABLE `t` ADD COLUMN `a` INT NOT NULL, ADD CONSTRAINT `t_check` CHECK (b > 0), \
             ALTER COLUMN `b` SET DEFAULT (1)",
            "ALTER TABLE `t` RENAME COLUMN `b` TO `c`",
            "ALTER TABLE `t` DROP COLUMN `d`",
        ]
    );
}

#[test]
fn a_column_is_modified_as_a_whole_and_only_if_it_is_known() {
    let was = column("c", Integer).not_null().default(3).comment("it's \\ one");
    assert_eq!(
        sql(alter_t(vec![change("c", alter().type_(BigInt).was(was))])),
        ["ALTER TABLE `t` MODIFY COLUMN `c` BIGINT NOT NULL DEFAULT 3 COMMENT 'it''s \\\\ one'"]
    );
    let error = alter_t(vec![change("c", alter().not_null())]).render(Dialect::Mysql).unwrap_err();
    assert!(error.to_string().contains("what it was is not said"), "{error}");
}

#[test]
fn a_column_without_a_default_takes_null_if_it_is_known_to() {
    let drop_default = |was: Option<Column>| {
        let change_of_default = alter().drop_default();
        let known = was.map(|was| change_of_default.clone().was(was));
        sql(alter_t(vec![change("c", known.unwrap_or(change_of_default))])).concat()
    };
    assert_eq!(drop_default(None), "ALTER TABLE `t` ALTER COLUMN `c` DROP DEFAULT");
    assert_eq!(drop_default(Some(column("c", Integer))), "ALTER TABLE `t` ALTER COLUMN `c` SET DEFAULT NULL");
    let not_null = column("c", Integer).not_null();
    assert_eq!(drop_default(Some(not_null)), "ALTER TABLE `t` ALTER COLUMN `c` DROP DEFAULT");
}

#[test]
fn a_default_is_an_expression_where_the_type_takes_nothing_else() {
    let t = table("t")
        .column(column("a", Text).default("it's"))
        .column(column("b", varchar(9)).default("a\\b"))
        .column(column("c", Jsonb).default("{}"))
        .column(column("d", Timestamp).default(now()));
    assert_eq!(
        sql(t),
        ["CREATE TABLE `t` (\n  `a` LONGTEXT NULL DEFAULT ('it''s'),\n  \
          `b` VARCHAR(9) NULL DEFAULT (CONVERT(x'615c62' USING utf8mb4)),\n  \
          `c` JSON NULL DEFAULT ('{}'),\n  \
          `d` DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6)\n)"]
    );
}

#[test]
fn a_column_is_dropped_after_what_its_definition_says_about_it() {
    let id = column("id", Integer).references("p", "id").check("id > 3").unique();
    assert_eq!(
        sql(alter_t(vec![TableChange::DropColumn(id.into())])),
        ["ALTER TABLE `t` DROP CONSTRAINT `t_id_check`, DROP FOREIGN KEY `t_id_fkey`, DROP COLUMN `id`"]
    );
}

#[test]
fn a_text_of_any_length_is_no_key() {
    let refused = [
        table("t").column(column("a", Text).primary_key()),
        table("t").column(column("a", Text).unique()),
        table("t").column(column("a", Text)).index("idx", ["a"]),
    ];
    for table in refused {
        let error = Operation::from(table).render(Dialect::Mysql).unwrap_err();
        assert!(error.to_string().contains("a key only with a length"), "{error}");
    }
    let part = table("t").column(column("a", Text)).with_index(index("idx").on("", [key("a").length(20)]));
    assert_eq!(sql(part), ["CREATE TABLE `t` (\n  `a` LONGTEXT NULL,\n  INDEX `idx` (`a`(20))\n)"]);
}
