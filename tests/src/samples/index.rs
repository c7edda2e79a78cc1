use migrate_core::connection::Dialect;
use migrate_core::operation::{
    ColumnType, Dropped, Index, IndexKey, Operation, ReindexTarget, Table, cascade, column, concurrently,
    if_exists, index, key, key_expression, per_dialect, table, varchar,
};
use migrate_core::prelude::{Integer, Jsonb, Text, range};

use super::sample::{Sample, schema};

pub(super) fn samples() -> Vec<Sample> {
    [created(), dropped()].concat()
}

fn documents() -> Table {
    table("documents")
        .column(column("id", Integer).not_null())
        .column(column("title", ColumnType::Text.on(Dialect::Mysql, varchar(200))))
        .column(column("body", Jsonb))
        .column(column("pages", range(Integer).on(Dialect::Sqlite, Text).on(Dialect::Mysql, Text)))
}

fn create(name: &str, index: Index) -> Sample {
    Sample::new(format!("create index{name}"), index).after(documents())
}

fn created() -> Vec<Sample> {
    let on = |keys: Vec<IndexKey>| index("idx").on("documents", keys);
    let title = || on(vec![key("title")]);
    vec![
        create("", title()),
        create(", unique", title().unique()),
        create(" if not exists", title().if_not_exists()),
        create(" concurrently", title().concurrently()),
        create(" concurrently if not exists", title().concurrently().if_not_exists()),
        create(" of an expression", on(vec![key_expression("lower(title)")])),
        create(
            " of an expression per server",
            on(vec![key_expression(
                per_dialect().postgres("body ->> 'a'").sqlite("body ->> '$.a'").mysql("id"),
            )]),
        ),
        create(
            " of keys with everything",
            on(vec![
                key("title").collate("C").opclass("text_pattern_ops").desc().nulls_last(),
                key("id").nulls_first(),
                key_expression("length(title)").desc(),
            ]),
        ),
        create(" of a part of a text", on(vec![key("title").length(20)])),
        create(" where", title().filter("title IS NOT NULL AND id > 0")),
        create(" that carries columns", title().unique().include(["id", "body"])),
        create(" where NULLs are alike", title().unique().nulls_not_distinct()),
        create(" with options", title().option("fillfactor", "70").option("deduplicate_items", "off")),
        create(" in a tablespace", title().tablespace("pg_default")),
        create(" by hash", title().using("hash")),
        create(", gin", on(vec![key("body").opclass("jsonb_path_ops")]).gin()),
        create(", gist", on(vec![key("pages")]).gist()),
        create(", brin", on(vec![key("id")]).brin().option("pages_per_range", "16")),
        create(
            " with everything",
            on(vec![key("title")])
                .unique()
                .concurrently()
                .if_not_exists()
                .using("btree")
                .include(["id"])
                .nulls_not_distinct()
                .option("fillfactor", "70")
                .tablespace("pg_default")
                .filter("id > 0"),
        ),
        Sample::new("create index in a schema", index("idx").on(("app", "t"), ["a"]))
            .after(schema("app"))
            .after(table(("app", "t")).column(column("a", Integer))),
    ]
}

fn dropped() -> Vec<Sample> {
    let indexed = |name: &str, operation| {
        Sample::new(name, operation).after(documents()).after(index("idx").on("documents", ["title"]))
    };
    let drop = |index: Dropped<Index>| Operation::DropIndex { index, table: "documents".into() };
    let reindex = |target, concurrently| Operation::Reindex { target, concurrently };
    vec![
        indexed("drop index", drop("idx".into())),
        indexed("drop index by its definition", drop(index("idx").on("documents", ["title"]).into())),
        indexed("drop index if exists", drop(if_exists("no_such").into())),
        indexed("drop index, cascade", drop(cascade("idx").into())),
        indexed("drop index concurrently", drop(concurrently("idx").into())),
        indexed("drop index concurrently if exists", drop(concurrently("idx").if_exists().into())),
        Sample::new(
            "drop index of a schema",
            Operation::DropIndex { index: "idx".into(), table: ("app", "t").into() },
        )
        .after(schema("app"))
        .after(table(("app", "t")).column(column("a", Integer)).index("idx", ["a"])),
        indexed(
            "rename index",
            Operation::RenameIndex {
                table: "documents".into(),
                from: "idx".to_owned(),
                to: "by_title".to_owned(),
            },
        ),
        indexed("reindex an index", reindex(ReindexTarget::Index("idx".into()), false)),
        indexed("reindex an index concurrently", reindex(ReindexTarget::Index("idx".into()), true)),
        indexed("reindex a table", reindex(ReindexTarget::Table("documents".into()), false)),
        indexed("reindex a table concurrently", reindex(ReindexTarget::Table("documents".into()), true)),
    ]
}
