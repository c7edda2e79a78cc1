//! Definitions as the Rust code that makes them, to be printed and pasted.

use std::fmt::Write as _;

use crate::connection::Dialect;
use crate::operation::{
    Column, ColumnChange, ColumnDefault, ColumnType, Constraint, Deferral, ExcludeKey, Identity, Index,
    IndexKey, KeyTarget, Name, References, Sql, TableChange, Value,
};

/// Prints Rust code; of SQL that differs between servers, the text of this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code(pub(super) Dialect);

impl Code {
    #[expect(
        clippy::unused_self,
        reason = "a text is printed like everything else, and the same on every server"
    )]
    pub(super) fn text(self, text: &str) -> String {
        format!("{text:?}")
    }

    pub(super) fn name(self, name: &Name) -> String {
        match &name.schema {
            Some(schema) => format!("({schema:?}, {:?})", name.name),
            None => self.text(&name.name),
        }
    }

    pub(super) fn list(self, names: &[String]) -> String {
        let names: Vec<_> = names.iter().map(|name| self.text(name)).collect();
        if names.is_empty() { "[\"\"; 0]".to_owned() } else { format!("[{}]", names.join(", ")) }
    }

    pub(super) fn sql(self, sql: &Sql<'_>) -> String {
        self.text(sql.for_dialect(self.0).unwrap_or_default())
    }

    pub(super) fn type_(self, type_: &ColumnType) -> String {
        match type_ {
            ColumnType::Decimal(precision, scale) => format!("decimal({precision}, {scale})"),
            ColumnType::Varchar(length) => format!("varchar({length})"),
            ColumnType::Char(length) => format!("char({length})"),
            ColumnType::Range(of) => format!("range({})", self.type_(of)),
            ColumnType::Multirange(of) => {
                format!("ColumnType::Multirange(Box::new({}.into()))", self.type_(of))
            }
            ColumnType::Array(of) => format!("array({})", self.type_(of)),
            ColumnType::Enum(of) => format!("enum_type({}, {})", self.name(&of.name), self.list(&of.values)),
            ColumnType::Named(name) => format!("named_type({})", self.name(name)),
            ColumnType::Custom(sql) => format!("custom({sql:?})"),
            ColumnType::PerDialect { every, variants } => {
                variants.iter().fold(format!("ColumnType::from({})", self.type_(every)), |mut code, one| {
                    let _ = write!(code, ".on(Dialect::{:?}, {})", one.0, self.type_(&one.1));
                    code
                })
            }
            // What has no parameter is called as in the prelude.
            plain => format!("{plain:?}"),
        }
    }

    pub(super) fn value(self, value: &Value) -> String {
        match value {
            Value::Null => "Null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Double(value) => format!("{value:?}"),
            Value::Text(text) => self.text(text),
            Value::Binary(bytes) => format!("&{bytes:?}[..]"),
            Value::Array(values) => {
                let values: Vec<_> =
                    values.iter().map(|value| format!("Value::from({})", self.value(value))).collect();
                format!("vec![{}]", values.join(", "))
            }
        }
    }

    pub(super) fn default(self, default: &ColumnDefault) -> String {
        match default {
            ColumnDefault::Literal(value) => self.value(value),
            ColumnDefault::Now => "now()".to_owned(),
            ColumnDefault::Expression(sql) => format!("expression({})", self.sql(sql)),
        }
    }

    /// `column("email", Text).not_null()`.
    pub(super) fn column(self, column: &Column) -> String {
        let mut code = format!("column({:?}, {})", column.name, self.type_(&column.type_));
        let mut call = |method: &str, argument: &str| {
            let _ = write!(code, ".{method}({argument})");
        };
        if column.primary_key {
            call("primary_key", "");
        } else if !column.nullable && column.identity.is_none() {
            call("not_null", "");
        }
        if let Some(identity) = &column.identity {
            match identity {
                Identity { always: false, start: None, increment: None } => call("identity", ""),
                Identity { always: true, start: None, increment: None } => call("identity_always", ""),
                other => call("identity_with", &format!("migrate_core::operation::{other:?}")),
            }
        }
        if let Some(default) = &column.default {
            call("default", &self.default(default));
        }
        if column.unique {
            call("unique", "");
        }
        column.checks.iter().for_each(|check| call("check", &self.sql(check)));
        if let Some(References { table, columns, on_delete, on_update, .. }) = &column.references {
            let referenced = columns.first().map_or("id", String::as_str);
            call("references", &format!("{}, {referenced:?}", self.name(table)));
            let actions = [("on_delete", on_delete), ("on_update", on_update)];
            for (method, action) in
                actions.into_iter().filter_map(|(method, action)| Some((method, (*action)?)))
            {
                call(method, &format!("{action:?}"));
            }
        }
        if let Some(generated) = &column.generated {
            let method = if generated.stored { "generated" } else { "generated_virtual" };
            call(method, &self.sql(&generated.expression));
        }
        column.collation.iter().for_each(|collation| call("collate", &self.text(collation)));
        column.comment.iter().for_each(|comment| call("comment", &self.text(comment)));
        if column.if_not_exists {
            call("if_not_exists", "");
        }
        code
    }

    /// A change as a call of [`TableChanges`](crate::operation::TableChanges); none for what is not one.
    pub(super) fn change(self, change: &TableChange) -> Option<String> {
        let dropped = |name: &Name| self.text(&name.name);
        Some(match change {
            TableChange::AddColumn(column) => format!("add_column({})", self.column(column)),
            TableChange::DropColumn(column) => format!("drop_column({})", dropped(&column.name)),
            TableChange::AlterColumn { column, change } => {
                format!("alter_column({column:?}, {})", self.column_change(change))
            }
            TableChange::RenameColumn { from, to } => format!("rename_column({from:?}, {to:?})"),
            TableChange::AddConstraint(constraint) => {
                let not_valid = match &**constraint {
                    Constraint::Check(check) => check.not_valid,
                    Constraint::ForeignKey(key) => key.not_valid,
                    _ => false,
                };
                let not_valid = if not_valid { ".not_valid()" } else { "" };
                format!("add_constraint({}{not_valid})", self.constraint(constraint))
            }
            TableChange::DropConstraint(constraint) => {
                format!("drop_constraint({})", dropped(&constraint.name))
            }
            TableChange::RenameConstraint { from, to } => format!("rename_constraint({from:?}, {to:?})"),
            TableChange::ValidateConstraint(_) => return None,
        })
    }

    fn column_change(self, change: &ColumnChange) -> String {
        let mut code = "alter()".to_owned();
        let mut call = |method: &str, argument: &str| {
            let _ = write!(code, ".{method}({argument})");
        };
        change.type_.iter().for_each(|type_| call("type_", &self.type_(type_)));
        change.using.iter().for_each(|using| call("using", &self.sql(using)));
        match change.nullable {
            Some(true) => call("nullable", ""),
            Some(false) => call("not_null", ""),
            None => {}
        }
        match &change.default {
            Some(Some(default)) => call("default", &self.default(default)),
            Some(None) => call("drop_default", ""),
            None => {}
        }
        match &change.identity {
            Some(Some(_)) => call("identity", ""),
            Some(None) => call("drop_identity", ""),
            None => {}
        }
        change.collation.iter().for_each(|collation| call("collate", &self.text(collation)));
        match &change.comment {
            Some(Some(comment)) => call("comment", &self.text(comment)),
            Some(None) => call("drop_comment", ""),
            None => {}
        }
        change.was.iter().for_each(|was| call("was", &self.column(was)));
        code
    }

    /// `index("idx_users_email").on("users", ["email"]).unique()`.
    pub(super) fn index(self, index: &Index) -> String {
        let plain = index.keys.iter().all(|key| self.key(key).starts_with('"'));
        let keys: Vec<_> = index
            .keys
            .iter()
            .map(|key| match (plain, self.key(key)) {
                // Keys of one list are of one type.
                (false, code) if code.starts_with('"') => format!("key({code})"),
                (_, code) => code,
            })
            .collect();
        let mut code = format!("index({:?})", index.name);
        let mut call = |method: &str, argument: &str| {
            let _ = write!(code, ".{method}({argument})");
        };
        call("on", &format!("{}, [{}]", self.name(&index.table), keys.join(", ")));
        if index.unique {
            call("unique", "");
        }
        match index.using.as_deref() {
            Some(method @ ("gin" | "gist" | "brin")) => call(method, ""),
            Some(method) => call("using", &self.text(method)),
            None => {}
        }
        index.predicate.iter().for_each(|predicate| call("filter", &self.sql(predicate)));
        if !index.include.is_empty() {
            call("include", &self.list(&index.include));
        }
        if index.nulls_not_distinct {
            call("nulls_not_distinct", "");
        }
        index.options.iter().for_each(|(name, value)| call("option", &format!("{name:?}, {value:?}")));
        index.tablespace.iter().for_each(|tablespace| call("tablespace", &self.text(tablespace)));
        if index.concurrently {
            call("concurrently", "");
        }
        if index.if_not_exists {
            call("if_not_exists", "");
        }
        code
    }

    fn key(self, key: &IndexKey) -> String {
        let mut methods = String::new();
        let mut call = |method: &str, argument: &str| {
            let _ = write!(methods, ".{method}({argument})");
        };
        if key.descending {
            call("desc", "");
        }
        match key.nulls_first {
            Some(true) => call("nulls_first", ""),
            Some(false) => call("nulls_last", ""),
            None => {}
        }
        key.opclass.iter().for_each(|opclass| call("opclass", &self.text(opclass)));
        key.collation.iter().for_each(|collation| call("collate", &self.text(collation)));
        key.length.iter().for_each(|length| call("length", &length.to_string()));
        match &key.on {
            KeyTarget::Column(column) if methods.is_empty() => self.text(column),
            KeyTarget::Column(column) => format!("key({column:?}){methods}"),
            KeyTarget::Expression(sql) => format!("key_expression({}){methods}", self.sql(sql)),
        }
    }

    /// `check("age >= 0").named("age_is_positive")`.
    pub(super) fn constraint(self, constraint: &Constraint) -> String {
        let (mut code, deferral) = match constraint {
            Constraint::PrimaryKey(it) => (format!("primary_key({})", self.list(&it.columns)), it.deferral),
            Constraint::Unique(it) => {
                let mut code = format!("unique({})", self.list(&it.columns));
                if it.nulls_not_distinct {
                    code.push_str(".nulls_not_distinct()");
                }
                if !it.include.is_empty() {
                    let _ = write!(code, ".include({})", self.list(&it.include));
                }
                (code, it.deferral)
            }
            Constraint::Check(it) => {
                let mut code = format!("check({})", self.sql(&it.condition));
                if it.no_inherit {
                    code.push_str(".no_inherit()");
                }
                (code, Deferral::NotDeferrable)
            }
            Constraint::ForeignKey(it) => (self.foreign_key(&it.columns, &it.references), it.deferral),
            Constraint::Exclude(it) => (self.exclude(it), it.deferral),
        };
        constraint.name().iter().for_each(|name| {
            let _ = write!(code, ".named({name:?})");
        });
        code.push_str(match deferral {
            Deferral::NotDeferrable => "",
            Deferral::InitiallyImmediate => ".deferrable()",
            Deferral::InitiallyDeferred => ".initially_deferred()",
        });
        code
    }

    fn foreign_key(self, columns: &[String], references: &References) -> String {
        let mut code = format!(
            "foreign_key({}, {}, {})",
            self.list(columns),
            self.name(&references.table),
            self.list(&references.columns)
        );
        let actions = [("on_delete", references.on_delete), ("on_update", references.on_update)];
        for (method, action) in actions.into_iter().filter_map(|(method, action)| Some((method, action?))) {
            let _ = write!(code, ".{method}({action:?})");
        }
        if references.match_full {
            code.push_str(".match_full()");
        }
        code
    }

    fn exclude(self, exclude: &crate::operation::Exclude) -> String {
        let columns: Vec<_> = exclude
            .elements
            .iter()
            .filter_map(|(key, operator)| match key {
                ExcludeKey::Column(column) => Some(format!("({column:?}, {operator:?})")),
                ExcludeKey::Expression(_) => None,
            })
            .collect();
        let list = if columns.is_empty() {
            "[(\"\", \"\"); 0]".to_owned()
        } else {
            format!("[{}]", columns.join(", "))
        };
        let mut code = format!("exclude({list})");
        for (key, operator) in &exclude.elements {
            if let ExcludeKey::Expression(expression) = key {
                let _ = write!(code, ".expression({expression:?}, {operator:?})");
            }
        }
        if exclude.using != "gist" {
            let _ = write!(code, ".using({:?})", exclude.using);
        }
        exclude.predicate.iter().for_each(|predicate| {
            let _ = write!(code, ".filter({})", self.sql(predicate));
        });
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    const CODE: Code = Code(Dialect::Postgres);

    /// Prints a value and compares it with its own source: what is printed is what was written.
    macro_rules! round_trips {
        ($print:ident: $($source:expr;)*) => {$(
            let printed = CODE.$print(&$source.into());
            assert_eq!(plain(&printed), plain(stringify!($source)));
        )*};
    }

    fn plain(code: &str) -> String {
        code.split_whitespace().collect()
    }

    #[test]
    fn a_column_is_printed_as_it_is_written() {
        round_trips! { column:
            column("email", Text).not_null().default("it's \"new\"");
            column("id", BigInt).primary_key().identity();
            column("note", varchar(50)).unique().check("note <> ''").collate("C");
            column("user_id", Uuid).references(("app", "users"), "id").on_delete(Cascade).on_update(Restrict);
            column("mood", enum_type("mood", ["sad", "ok"])).default(Null).if_not_exists();
            column("tags", array(Text)).default(vec![Value::from("a"), Value::from("b")]);
            column("total", decimal(12, 2)).generated("price * count").comment("in cents");
            column("at", ColumnType::from(Timestamp).on(Dialect::Sqlite, Text)).default(now());
            column("token", custom("public.token")).default(expression("gen_random_uuid()"));
        }
    }

    #[test]
    fn an_index_is_printed_as_it_is_written() {
        round_trips! { index:
            index("a").on("users", ["email", "name"]).unique().filter("deleted_at IS NULL").concurrently();
            index("b").on("users", [key("email"), key("at").desc().nulls_last()]).include(["name"]);
            index("c").on("docs", [key_expression("lower(title)").opclass("gin_trgm_ops")]).gin();
            index("d").on("docs", ["id"]).using("hash").option("fillfactor", "70").if_not_exists();
        }
    }

    #[test]
    fn a_constraint_is_printed_as_it_is_written() {
        round_trips! { constraint:
            unique(["tenant", "slug"]).nulls_not_distinct().include(["id"]).named("one_slug").deferrable();
            check("age >= 0").no_inherit().named("age_check");
            primary_key(["a", "b"]);
            foreign_key(["user_id"], "users", ["id"]).on_delete(SetNull).match_full().initially_deferred();
            exclude([("room", "=")]).expression("tsrange(a, b)", "&&").filter("live");
        }
    }
}
