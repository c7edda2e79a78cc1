use migrate_core::prelude::*;

/// One table for each quarter
#[migration(revision = "e5f0c0de0005", down_revision = "c3f0c0de0003")]
pub struct OneTableForEachQuarter;

impl Migration for OneTableForEachQuarter {
    type Connection = crate::Connection;

    // What Alembic's offline mode prints for upgrade() of 20240310_0700_e5f0c0de0005_partitions.py: line 15 has a `for` loop.
    //
    // def upgrade():
    //     for quarter in range(1, 5):
    //         op.create_table(
    //             f"sales_q{quarter}",
    //             sa.Column("id", sa.Integer, primary_key=True),
    //             sa.Column("amount", sa.Numeric(10, 2), nullable=False),
    //         )
    //         op.execute(f"COMMENT ON TABLE sales_q{quarter} IS 'sales; of quarter {quarter}'")
    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            r"CREATE TABLE sales_q1 (
    id SERIAL NOT NULL,
    amount NUMERIC(10, 2) NOT NULL,
    PRIMARY KEY (id)
)",
        )?;
        cx.execute("COMMENT ON TABLE sales_q1 IS 'sales; of quarter 1'")?;
        cx.execute(
            r"CREATE TABLE sales_q2 (
    id SERIAL NOT NULL,
    amount NUMERIC(10, 2) NOT NULL,
    PRIMARY KEY (id)
)",
        )?;
        cx.execute("COMMENT ON TABLE sales_q2 IS 'sales; of quarter 2'")?;
        cx.execute(
            r"CREATE TABLE sales_q3 (
    id SERIAL NOT NULL,
    amount NUMERIC(10, 2) NOT NULL,
    PRIMARY KEY (id)
)",
        )?;
        cx.execute("COMMENT ON TABLE sales_q3 IS 'sales; of quarter 3'")?;
        cx.execute(
            r"CREATE TABLE sales_q4 (
    id SERIAL NOT NULL,
    amount NUMERIC(10, 2) NOT NULL,
    PRIMARY KEY (id)
)",
        )?;
        cx.execute("COMMENT ON TABLE sales_q4 IS 'sales; of quarter 4'")
    }

    // What Alembic's offline mode prints for downgrade() of 20240310_0700_e5f0c0de0005_partitions.py: line 25 has a `for` loop.
    //
    // def downgrade():
    //     for quarter in range(1, 5):
    //         op.drop_table(f"sales_q{quarter}")
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE sales_q1")?;
        cx.execute("DROP TABLE sales_q2")?;
        cx.execute("DROP TABLE sales_q3")?;
        cx.execute("DROP TABLE sales_q4")
    }
}
