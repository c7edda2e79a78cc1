use super::super::text;
use super::super::tree::ObjectKind;
use super::{DEFINITION, Describe, Described};
use crate::catalog::{
    Attribute, Composite, Domain, Enum, Extension, Function, FunctionKind, MaterializedView, Policy, Rule,
    Schema, Sequence, Trigger, View,
};

impl Describe for Schema {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Schema
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { comment } = self;
        vec![("comment", comment.clone())]
    }
}

impl Describe for Extension {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Extension
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { schema, version, comment } = self;
        vec![
            ("schema", Some(schema.clone())),
            ("version", Some(version.clone())),
            ("comment", comment.clone()),
        ]
    }
}

impl Describe for Enum {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Enum
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { values, comment } = self;
        vec![("values", text::literals(values)), ("comment", comment.clone())]
    }

    fn summary(&self) -> String {
        format!("({})", text::literals(&self.values).unwrap_or_default())
    }
}

impl Describe for Domain {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Domain
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { type_, nullable, default, collation, checks: _, comment } = self;
        vec![
            ("type", Some(type_.clone())),
            ("nullable", Some(nullable.to_string())),
            ("default", default.clone()),
            ("collation", collation.clone()),
            ("comment", comment.clone()),
        ]
    }

    fn summary(&self) -> String {
        self.type_.clone()
    }
}

impl Describe for Composite {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Type
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { attributes: _, comment } = self;
        vec![("comment", comment.clone())]
    }
}

impl Describe for Attribute {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Attribute
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { name: _, type_, collation, comment } = self;
        vec![("type", Some(type_.clone())), ("collation", collation.clone()), ("comment", comment.clone())]
    }

    fn summary(&self) -> String {
        self.type_.clone()
    }
}

impl Describe for Sequence {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Sequence
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { options, owned_by, unlogged, comment } = self;
        vec![
            ("options", Some(text::sequence_options(options))),
            ("owned by", owned_by.as_ref().map(ToString::to_string)),
            ("unlogged", text::flag(*unlogged)),
            ("comment", comment.clone()),
        ]
    }
}

impl Describe for Function {
    fn kind(&self) -> ObjectKind {
        match self.kind {
            FunctionKind::Function | FunctionKind::Window => ObjectKind::Function,
            FunctionKind::Procedure => ObjectKind::Procedure,
            FunctionKind::Aggregate => ObjectKind::Aggregate,
        }
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { kind: _, returns, language, definition, comment } = self;
        vec![
            ("kind", Some(text::function_kind(self).to_owned())),
            ("returns", returns.clone()),
            ("language", Some(language.clone())),
            ("comment", comment.clone()),
            ("statement", Some(definition.clone())),
        ]
    }
}

impl Describe for View {
    fn kind(&self) -> ObjectKind {
        ObjectKind::View
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { columns: _, definition, options, triggers: _, rules: _, comment } = self;
        vec![
            ("options", text::options(options)),
            ("comment", comment.clone()),
            ("query", Some(definition.clone())),
        ]
    }
}

impl Describe for MaterializedView {
    fn kind(&self) -> ObjectKind {
        ObjectKind::MaterializedView
    }

    fn attributes(&self) -> Vec<Described> {
        let Self {
            columns: _,
            definition,
            populated,
            options,
            tablespace,
            access_method,
            indexes: _,
            comment,
        } = self;
        vec![
            ("populated", text::unless(*populated)),
            ("options", text::options(options)),
            ("tablespace", tablespace.clone()),
            ("access method", access_method.clone()),
            ("comment", comment.clone()),
            ("query", Some(definition.clone())),
        ]
    }
}

impl Describe for Trigger {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Trigger
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { definition, state, inherited, comment } = self;
        vec![
            ("state", text::state(*state)),
            ("inherited", text::flag(*inherited)),
            ("comment", comment.clone()),
            (DEFINITION, Some(definition.clone())),
        ]
    }
}

impl Describe for Rule {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Rule
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { definition, state, comment } = self;
        vec![
            ("state", text::state(*state)),
            ("comment", comment.clone()),
            (DEFINITION, Some(definition.clone())),
        ]
    }
}

impl Describe for Policy {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Policy
    }

    fn attributes(&self) -> Vec<Described> {
        let Self { command, permissive, roles, using, check, comment } = self;
        vec![
            ("command", Some(text::command(*command).to_owned())),
            ("permissive", text::unless(*permissive)),
            ("roles", text::names(roles)),
            ("using", using.clone()),
            ("check", check.clone()),
            ("comment", comment.clone()),
        ]
    }
}
