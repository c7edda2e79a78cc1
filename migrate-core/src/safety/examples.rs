//! The code of `docs/safety.md`, so that it compiles. Written by the tests of `docs`.

use crate::prelude::*;

type Body = fn(&mut Context<'_, AnyConnection>) -> Result<()>;

fn index_not_concurrent_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_index(index("idx_users_email").on("users", ["email"]))?;
    Ok(())
}

fn index_not_concurrent_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_index(index("idx_users_email").on("users", ["email"]).concurrently())?;
    Ok(())
}

fn concurrent_in_transaction_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_index(index("idx_users_email").on("users", ["email"]).concurrently())?;
    Ok(())
}

fn concurrent_in_transaction_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_index(index("idx_users_email").on("users", ["email"]).concurrently())?;
    Ok(())
}

fn concurrent_if_not_exists_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_index(index("idx_users_email").on("users", ["email"]).concurrently().if_not_exists())?;
    Ok(())
}

fn concurrent_if_not_exists_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_index(index("idx_users_email").on("users", ["email"]).concurrently())?;
    Ok(())
}

fn invalid_index_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_constraint("users", unique(["email"]).named("users_email_key").using_index("users_email_idx"))?;
    Ok(())
}

fn invalid_index_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_index(concurrently("users_email_idx"), "users")?;
    Ok(())
}

fn drop_index_not_concurrent_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_index("idx_users_email", "users")?;
    Ok(())
}

fn drop_index_not_concurrent_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_index(concurrently("idx_users_email"), "users")?;
    Ok(())
}

fn reindex_not_concurrent_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.reindex(ReindexTarget::Index("idx_users_email".into()))?;
    Ok(())
}

fn reindex_not_concurrent_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.reindex_concurrently(ReindexTarget::Index("idx_users_email".into()))?;
    Ok(())
}

fn refresh_not_concurrent_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.refresh_materialized_view("totals")?;
    Ok(())
}

fn refresh_not_concurrent_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.refresh_materialized_view_concurrently("totals")?;
    Ok(())
}

fn check_not_valid_first_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_constraint("users", check("age >= 0").named("users_age_check"))?;
    Ok(())
}

fn check_not_valid_first_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.safely().add_constraint("users", check("age >= 0").named("users_age_check"))?;
    Ok(())
}

fn foreign_key_not_valid_first_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_constraint("posts", foreign_key(["user_id"], "users", ["id"]))?;
    Ok(())
}

fn foreign_key_not_valid_first_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.safely().add_constraint("posts", foreign_key(["user_id"], "users", ["id"]))?;
    Ok(())
}

fn validate_in_same_transaction_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_constraint("users", check("age >= 0").named("users_age_check").not_valid())?;
    cx.validate_constraint("users", "users_age_check")?;
    Ok(())
}

fn validate_in_same_transaction_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.validate_constraint("users", "users_age_check")?;
    Ok(())
}

fn set_not_null_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.set_not_null("users", "email")?;
    Ok(())
}

fn set_not_null_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.safely().set_not_null("users", "email")?;
    Ok(())
}

fn unique_constraint_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_constraint("users", unique(["email"]))?;
    Ok(())
}

fn unique_constraint_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.safely().add_constraint("users", unique(["email"]))?;
    Ok(())
}

fn primary_key_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_constraint("users", primary_key(["id"]))?;
    Ok(())
}

fn primary_key_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.safely().add_constraint("users", primary_key(["id"]))?;
    Ok(())
}

fn exclusion_constraint_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_constraint("bookings", exclude([("room", "="), ("during", "&&")]))?;
    Ok(())
}

fn drop_foreign_key_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_constraint(foreign_key(["user_id"], "users", ["id"]), "posts")?;
    Ok(())
}

fn volatile_default_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("token", Uuid).default(expression("gen_random_uuid()")))?;
    Ok(())
}

fn volatile_default_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("token", Uuid))?;
    cx.set_default("users", "token", expression("gen_random_uuid()"))?;
    Ok(())
}

fn numbered_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("number", BigInt).identity())?;
    Ok(())
}

fn numbered_column_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("number", BigInt))?;
    cx.create_sequence(sequence("users_number_seq").owned_by("users", "number"))?;
    cx.set_default("users", "number", expression("nextval('users_number_seq')"))?;
    Ok(())
}

fn numbered_column_safe_1(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.safely().set_not_null("users", "number")?;
    Ok(())
}

fn stored_generated_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("email_lower", Text).generated("lower(email)"))?;
    Ok(())
}

fn stored_generated_column_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("email_lower", Text))?;
    Ok(())
}

fn type_change_rewrite_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.alter_column("users", "age", alter().type_(BigInt).was(column("age", Integer)))?;
    Ok(())
}

fn type_change_rewrite_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("age_new", BigInt))?;
    Ok(())
}

fn type_change_rewrite_safe_1(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_column("users", "age")?;
    cx.rename_column("users", "age_new", "age")?;
    Ok(())
}

fn several_alters_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.alter_column("users", "age", alter().type_(BigInt).was(column("age", Integer)))?;
    cx.alter_column("users", "size", alter().type_(BigInt).was(column("size", Integer)))?;
    Ok(())
}

fn several_alters_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.alter_table("users", |changes| {
        changes.alter_column("age", alter().type_(BigInt).was(column("age", Integer)));
        changes.alter_column("size", alter().type_(BigInt).was(column("size", Integer)));
    })?;
    Ok(())
}

fn work_after_strong_lock_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("plan", Text))?;
    cx.create_index(index("idx_posts_user_id").on("posts", ["user_id"]))?;
    Ok(())
}

fn data_in_schema_transaction_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("email_lower", Text))?;
    cx.execute("UPDATE users SET email_lower = lower(email)")?;
    Ok(())
}

fn data_in_schema_transaction_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.execute("UPDATE users SET email_lower = lower(email)")?;
    Ok(())
}

fn no_lock_timeout_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("plan", Text))?;
    Ok(())
}

fn table_copy_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.alter_column("users", "age", alter().type_(BigInt).was(column("age", Integer)))?;
    Ok(())
}

fn large_rebuild_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.set_not_null("users", "email")?;
    Ok(())
}

fn raw_sql_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.execute("ALTER TABLE users SET (autovacuum_enabled = off)")?;
    Ok(())
}

fn add_required_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("plan", Text).not_null())?;
    Ok(())
}

fn add_required_column_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("plan", Text))?;
    Ok(())
}

fn add_required_column_safe_1(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.safely().set_not_null("users", "plan")?;
    Ok(())
}

fn enum_value_in_transaction_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_enum_value("mood", "fine")?;
    cx.set_default("users", "mood", "fine")?;
    Ok(())
}

fn rename_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.rename_column("users", "name", "full_name")?;
    Ok(())
}

fn rename_column_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_column("users", "name")?;
    Ok(())
}

fn rename_table_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.rename_table("users", "people")?;
    Ok(())
}

fn rename_table_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.rename_table("users", "people")?;
    cx.create_view(view("users", "SELECT * FROM \"people\""))?;
    Ok(())
}

fn rename_table_safe_1(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_view("users")?;
    Ok(())
}

fn rename_schema_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.rename_schema("app", "service")?;
    Ok(())
}

fn rename_schema_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_schema("service")?;
    Ok(())
}

fn rename_enum_value_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.rename_enum_value("mood", "ok", "fine")?;
    Ok(())
}

fn rename_enum_value_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_enum_value("mood", enum_value("fine").after("ok"))?;
    Ok(())
}

fn drop_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_column("users", "legacy_flags")?;
    Ok(())
}

fn drop_table_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_table("sessions")?;
    Ok(())
}

fn drop_not_null_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_not_null("users", "email")?;
    Ok(())
}

fn cascade_drop_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_table(cascade("users"))?;
    Ok(())
}

fn unsaid_loss_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.drop_table(table("sessions").column(column("id", BigInt).primary_key()).column(column("user_id", BigInt)))?;
    Ok(())
}

fn json_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("settings", Json))?;
    Ok(())
}

fn foreign_key_without_index_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("posts", column("user_id", BigInt).references("users", "id"))?;
    Ok(())
}

fn foreign_key_without_index_safe_0(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_index(index("idx_posts_user_id").on("posts", ["user_id"]).concurrently())?;
    Ok(())
}

fn char_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("country", char(2)))?;
    Ok(())
}

fn timestamp_without_zone_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("users", column("seen_at", Timestamp))?;
    Ok(())
}

fn money_column_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.add_column("orders", column("total", Money))?;
    Ok(())
}

fn narrow_primary_key_unsafe(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_table(table("events").column(column("id", Integer).identity().primary_key()))?;
    Ok(())
}

/// What each rule finds something in.
pub(super) const UNSAFE: &[(&str, Body)] = &[
    ("index-not-concurrent", index_not_concurrent_unsafe),
    ("concurrent-in-transaction", concurrent_in_transaction_unsafe),
    ("concurrent-if-not-exists", concurrent_if_not_exists_unsafe),
    ("invalid-index", invalid_index_unsafe),
    ("drop-index-not-concurrent", drop_index_not_concurrent_unsafe),
    ("reindex-not-concurrent", reindex_not_concurrent_unsafe),
    ("refresh-not-concurrent", refresh_not_concurrent_unsafe),
    ("check-not-valid-first", check_not_valid_first_unsafe),
    ("foreign-key-not-valid-first", foreign_key_not_valid_first_unsafe),
    ("validate-in-same-transaction", validate_in_same_transaction_unsafe),
    ("set-not-null", set_not_null_unsafe),
    ("unique-constraint", unique_constraint_unsafe),
    ("primary-key", primary_key_unsafe),
    ("exclusion-constraint", exclusion_constraint_unsafe),
    ("drop-foreign-key", drop_foreign_key_unsafe),
    ("volatile-default", volatile_default_unsafe),
    ("numbered-column", numbered_column_unsafe),
    ("stored-generated-column", stored_generated_column_unsafe),
    ("type-change-rewrite", type_change_rewrite_unsafe),
    ("several-alters", several_alters_unsafe),
    ("work-after-strong-lock", work_after_strong_lock_unsafe),
    ("data-in-schema-transaction", data_in_schema_transaction_unsafe),
    ("no-lock-timeout", no_lock_timeout_unsafe),
    ("table-copy", table_copy_unsafe),
    ("large-rebuild", large_rebuild_unsafe),
    ("raw-sql", raw_sql_unsafe),
    ("add-required-column", add_required_column_unsafe),
    ("enum-value-in-transaction", enum_value_in_transaction_unsafe),
    ("rename-column", rename_column_unsafe),
    ("rename-table", rename_table_unsafe),
    ("rename-schema", rename_schema_unsafe),
    ("rename-enum-value", rename_enum_value_unsafe),
    ("drop-column", drop_column_unsafe),
    ("drop-table", drop_table_unsafe),
    ("drop-not-null", drop_not_null_unsafe),
    ("cascade-drop", cascade_drop_unsafe),
    ("unsaid-loss", unsaid_loss_unsafe),
    ("json-column", json_column_unsafe),
    ("foreign-key-without-index", foreign_key_without_index_unsafe),
    ("char-column", char_column_unsafe),
    ("timestamp-without-zone", timestamp_without_zone_unsafe),
    ("money-column", money_column_unsafe),
    ("narrow-primary-key", narrow_primary_key_unsafe),
];

/// What each rule says instead, and whether in a transaction.
pub(super) const SAFE: &[(&str, bool, Body)] = &[
    ("index-not-concurrent", false, index_not_concurrent_safe_0),
    ("concurrent-in-transaction", false, concurrent_in_transaction_safe_0),
    ("concurrent-if-not-exists", false, concurrent_if_not_exists_safe_0),
    ("invalid-index", false, invalid_index_safe_0),
    ("drop-index-not-concurrent", false, drop_index_not_concurrent_safe_0),
    ("reindex-not-concurrent", false, reindex_not_concurrent_safe_0),
    ("refresh-not-concurrent", true, refresh_not_concurrent_safe_0),
    ("check-not-valid-first", false, check_not_valid_first_safe_0),
    ("foreign-key-not-valid-first", false, foreign_key_not_valid_first_safe_0),
    ("validate-in-same-transaction", true, validate_in_same_transaction_safe_0),
    ("set-not-null", false, set_not_null_safe_0),
    ("unique-constraint", false, unique_constraint_safe_0),
    ("primary-key", false, primary_key_safe_0),
    ("volatile-default", true, volatile_default_safe_0),
    ("numbered-column", true, numbered_column_safe_0),
    ("numbered-column", false, numbered_column_safe_1),
    ("stored-generated-column", true, stored_generated_column_safe_0),
    ("type-change-rewrite", true, type_change_rewrite_safe_0),
    ("type-change-rewrite", true, type_change_rewrite_safe_1),
    ("several-alters", true, several_alters_safe_0),
    ("data-in-schema-transaction", true, data_in_schema_transaction_safe_0),
    ("add-required-column", true, add_required_column_safe_0),
    ("add-required-column", false, add_required_column_safe_1),
    ("rename-column", true, rename_column_safe_0),
    ("rename-table", true, rename_table_safe_0),
    ("rename-table", true, rename_table_safe_1),
    ("rename-schema", true, rename_schema_safe_0),
    ("rename-enum-value", true, rename_enum_value_safe_0),
    ("foreign-key-without-index", false, foreign_key_without_index_safe_0),
];
