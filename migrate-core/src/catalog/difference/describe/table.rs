use super::super::text;
use super::super::tree::ObjectKind;
use super::{DEFINITION, Describe, DescribeRule, Described};
use crate::catalog::model::Identifier;
use crate::catalog::{
    Check, Column, Constraint, Exclusion, ForeignKey, Index, PrimaryKey, Table, TableOptions, Unique,
};

impl Describe for Table {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Table
    }

    fn attributes(&self) -> Vec<Described> {
        let Self {
            columns: _,
            primary_key: _,
            uniques: _,
            checks: _,
            foreign_keys: _,
            exclusions: _,
            indexes: _,
            triggers: _,
            rules: _,
            policies: _,
            options,
            comment,
        } = self;
        let mut attributes = table_options(options);
        attributes.push(("comment", comment.clone()));
        attributes
    }
}

fn table_options(options: &TableOptions) -> Vec<Described> {
    let TableOptions {
        strict,
        without_rowid,
        virtual_module,
        unlogged,
        parameters,
        tablespace,
        access_method,
        partition_by,
        partition_of,
        inherits,
        of_type,
        replica_identity,
        row_security,
        force_row_security,
        foreign,
    } = options;
    vec![
        ("strict", text::flag(*strict)),
        ("without rowid", text::flag(*without_rowid)),
        ("virtual", virtual_module.clone()),
        ("unlogged", text::flag(*unlogged)),
        ("parameters", text::options(parameters)),
        ("tablespace", tablespace.clone()),
        ("access method", access_method.clone()),
        ("partition by", partition_by.clone()),
        ("partition of", partition_of.as_ref().map(|place| format!("{} {}", place.table, place.bound))),
        ("inherits", text::list(inherits)),
        ("of type", of_type.clone()),
        ("replica identity", text::replica_identity(replica_identity)),
        ("row security", text::flag(*row_security)),
        ("force row security", text::flag(*force_row_security)),
        ("server", foreign.as_ref().map(|foreign| Identifier(&foreign.server).to_string())),
        ("server options", foreign.as_ref().and_then(|foreign| text::options(&foreign.options))),
    ]
}

impl Describe for Column {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Column
    }

    fn attributes(&self) -> Vec<Described> {
        let Self {
            name: _,
            type_,
            nullable,
            not_null,
            default,
            generated,
            identity,
            collation,
            storage,
            compression,
            statistics_target,
            options,
            inherited,
            comment,
        } = self;
        vec![
            ("type", Some(type_.clone())),
            ("nullable", Some(nullable.to_string())),
            ("not null", not_null.as_ref().map(text::not_null)),
            ("default", default.clone()),
            ("generated", generated.as_ref().map(text::generated)),
            ("identity", identity.as_ref().map(text::identity)),
            ("collation", collation.clone()),
            ("storage", storage.clone()),
            ("compression", compression.clone()),
            ("statistics", statistics_target.map(|target| target.to_string())),
            ("options", text::options(options)),
            ("inherited", text::flag(*inherited)),
            ("comment", comment.clone()),
        ]
    }

    fn summary(&self) -> String {
        let mut words = Vec::new();
        if !self.type_.is_empty() {
            words.push(self.type_.clone());
        }
        if let Some(collation) = &self.collation {
            words.push(format!("collate {collation}"));
        }
        if !self.nullable {
            words.push("not null".to_owned());
        }
        if let Some(default) = &self.default {
            words.push(format!("default {default}"));
        }
        if let Some(generated) = &self.generated {
            words.push(format!("generated always {}", text::generated(generated)));
        }
        if let Some(identity) = &self.identity {
            words.push(text::identity(identity));
        }
        words.join(" ")
    }
}

impl<R: DescribeRule> Describe for Constraint<R> {
    fn kind(&self) -> ObjectKind {
        R::KIND
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { name, rule, definition, validated, enforced, deferrable, inherited, comment } = self;
        let name = name.as_deref().map(|name| Identifier(name).to_string());
        let mut attributes = vec![("name", name)];
        attributes.extend(rule.attributes());
        attributes.extend([
            ("validated", text::unless(*validated)),
            ("enforced", text::unless(*enforced)),
            ("deferrable", text::deferrable(*deferrable)),
            ("inherited", text::flag(*inherited)),
            ("comment", comment.clone()),
            (DEFINITION, Some(definition.clone())),
        ]);
        attributes
    }

    /// The definition without the word for the kind, which stands before it.
    fn summary(&self) -> String {
        let kind = R::KIND.to_string();
        let (head, tail) = self.definition.split_at_checked(kind.len()).unwrap_or(("", &self.definition));
        if head.eq_ignore_ascii_case(&kind) { tail.trim_start() } else { &self.definition }.to_owned()
    }
}

impl DescribeRule for PrimaryKey {
    const KIND: ObjectKind = ObjectKind::PrimaryKey;

    fn attributes(&self) -> Vec<Described> {
        let Self { columns, include } = self;
        vec![("columns", text::names(columns)), ("include", text::names(include))]
    }
}

impl DescribeRule for Unique {
    const KIND: ObjectKind = ObjectKind::Unique;

    fn attributes(&self) -> Vec<Described> {
        let Self { columns, include, nulls_not_distinct } = self;
        vec![
            ("columns", text::names(columns)),
            ("include", text::names(include)),
            ("nulls not distinct", text::flag(*nulls_not_distinct)),
        ]
    }
}

impl DescribeRule for Check {
    const KIND: ObjectKind = ObjectKind::Check;

    fn attributes(&self) -> Vec<Described> {
        let Self { expression, no_inherit } = self;
        vec![("expression", Some(expression.clone())), ("no inherit", text::flag(*no_inherit))]
    }
}

impl DescribeRule for ForeignKey {
    const KIND: ObjectKind = ObjectKind::ForeignKey;

    fn attributes(&self) -> Vec<Described> {
        let Self { columns, table, referenced, on_delete, on_delete_columns, on_update, match_ } = self;
        vec![
            ("columns", text::names(columns)),
            ("table", Some(table.to_string())),
            ("referenced", text::names(referenced)),
            ("on delete", text::action(*on_delete)),
            ("on delete columns", text::names(on_delete_columns)),
            ("on update", text::action(*on_update)),
            ("match", text::matching(*match_)),
        ]
    }
}

impl DescribeRule for Exclusion {
    const KIND: ObjectKind = ObjectKind::Exclusion;

    fn attributes(&self) -> Vec<Described> {
        let Self { keys, operators, method, predicate } = self;
        vec![
            ("keys", text::keys(keys)),
            ("operators", text::list(operators)),
            ("method", Some(method.clone())),
            ("where", predicate.clone()),
        ]
    }
}

impl Describe for Index {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Index
    }

    fn attributes(&self) -> Vec<Described> {
        let Self {
            keys,
            include,
            unique,
            nulls_not_distinct,
            method,
            predicate,
            options,
            valid,
            constraint,
            partition_of,
            clustered,
            definition,
            comment,
        } = self;
        vec![
            ("keys", text::keys(keys)),
            ("include", text::names(include)),
            ("unique", text::flag(*unique)),
            ("nulls not distinct", text::flag(*nulls_not_distinct)),
            ("method", Some(method.clone())),
            ("where", predicate.clone()),
            ("options", text::options(options)),
            ("valid", text::unless(*valid)),
            ("constraint", constraint.as_deref().map(|name| Identifier(name).to_string())),
            ("partition of", partition_of.as_ref().map(ToString::to_string)),
            ("clustered", text::flag(*clustered)),
            ("comment", comment.clone()),
            (DEFINITION, Some(definition.clone())),
        ]
    }

    fn summary(&self) -> String {
        let mut words = Vec::new();
        if self.unique {
            words.push("unique".to_owned());
        }
        if self.method != "btree" {
            words.push(format!("using {}", self.method));
        }
        words.push(format!("({})", text::keys(&self.keys).unwrap_or_default()));
        if let Some(include) = text::names(&self.include) {
            words.push(format!("include ({include})"));
        }
        if let Some(predicate) = &self.predicate {
            words.push(format!("where {predicate}"));
        }
        if !self.valid {
            words.push("invalid".to_owned());
        }
        words.join(" ")
    }
}
