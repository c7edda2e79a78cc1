use migrate_core::prelude::*;

/// Reports
#[migration(
    revision = "c3f0c0de0003",
    down_revision = "b2f0c0de0002",
    branch_labels = ["reports"]
)]
pub struct Reports;

impl Migration for Reports {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_enum(enum_type("report_kind", ["daily", "week's"]))?;
        cx.execute("CREATE EXTENSION IF NOT EXISTS citext")?;
        cx.create_table(
            table("reports")
                .column(column("id", Uuid).primary_key().default(random_uuid()))
                .column(column("kind", enum_type("report_kind", ["daily", "week's"])).not_null())
                .column(column("payload", Jsonb).not_null().default(expression("'{}'::jsonb")))
                .column(column("raw", Json).default("[]"))
                .column(column("tags", array(varchar(20))).not_null().default("{}"))
                .column(column("amount", decimal(12, 2)).default(expression("0.00")))
                .column(column("ratio", Numeric))
                .column(column("name", Citext))
                .column(column("source", Inet))
                .column(column("during", range(Timestamptz)))
                .column(
                    column("words", TsVector)
                        .generated("to_tsvector('simple', coalesce(raw ->> 'text', ''))"),
                )
                .column(column("blob", Binary))
                .column(column("sent_at", custom("timestamp(3) with time zone")))
                .column(column("at", Time))
                .column(column("free", custom("varchar")))
                .column(column("lines", Integer).identity_with(migrate_core::operation::Identity {
                    always: false,
                    start: Some(10),
                    increment: Some(5),
                }))
                .constraint(unique(["name", "kind"]).named("uq_reports_name_kind").nulls_not_distinct())
                .with_index(index("ix_reports_sent").keys(["sent_at"]).filter("kind = 'daily'")),
        )?;
        cx.create_index(index("ix_reports_payload").on("reports", ["payload"]).gin())?;
        cx.create_index(
            index("ix_reports_path").on("reports", [key("payload").opclass("jsonb_path_ops")]).gin(),
        )?;
        cx.create_index(
            index("ix_reports_newest")
                .on(
                    "reports",
                    [key("sent_at").desc().nulls_last(), key("name"), key_expression("(payload ->> 'a')")],
                )
                .include(["amount"])
                .option("fillfactor", "70"),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_table("reports")?;
        cx.drop_enum(if_exists("report_kind"))?;
        cx.execute("DROP EXTENSION citext")
    }
}
