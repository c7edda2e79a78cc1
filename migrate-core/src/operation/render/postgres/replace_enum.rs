//! Other values for an enum type: the type is made anew and its columns are converted.
//!
//! PostgreSQL drops no value of an enum type, so a type of the same name takes the place of the old one. Values go
//! from one to the other as text. A default is an expression of the old type, so it is read where it stands, taken
//! away, and set again as a value of the new type.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::part::{Part, Parts};
use super::writer::{Outcome, Writer, dollar_quoted};
use crate::operation::naming::{LONGEST_NAME, object_name};
use crate::operation::render::Statement;
use crate::operation::{EnumColumn, Name, ReplaceEnum};

/// The nodes of a default that is a value and not computed anew for each row, as `pg_attrdef.adbin` names them.
const NODES_OF_VALUES: &str = "'CONST', 'ARRAY', 'ARRAYEXPR', 'RELABELTYPE', 'COERCEVIAIO', 'ARRAYCOERCEEXPR', \
                               'CASETESTEXPR'";

impl Writer<'_> {
    pub(super) fn replace_enum<'o>(&self, replace: &'o ReplaceEnum) -> Outcome<Parts<'o>> {
        self.check_mapping(replace)?;
        let name = &replace.to.name;
        let old = name.sibling(object_name(&name.name, "", "replaced"));
        let of_type = |sql| (Part::Type, Statement::new(sql));
        let mut parts =
            vec![of_type(self.rename("TYPE", name, &old.name)?), of_type(self.create_enum(&replace.to)?)];
        // All columns of a table at once, for each conversion writes the whole table anew.
        let mut converted = BTreeSet::new();
        for EnumColumn { table, .. } in &replace.columns {
            if converted.insert(table) {
                let columns: Vec<_> =
                    replace.columns.iter().filter(|column| column.table == *table).collect();
                let statement = Statement::new(self.conversion(replace, table, &columns)?);
                parts.push((Part::ConvertEnum { table, columns }, statement));
            }
        }
        parts.push(of_type(self.hand_over(&old, name)?));
        parts.push(of_type(format!("DROP TYPE {}", self.qualified(&old)?)));
        Ok(parts)
    }

    /// A block that converts columns and gives them their defaults back.
    fn conversion(&self, replace: &ReplaceEnum, table: &Name, columns: &[&EnumColumn]) -> Outcome<String> {
        let (mut declared, mut kept, mut actions, mut restored) =
            (String::new(), String::new(), Vec::new(), String::new());
        for (number, column) in columns.iter().enumerate() {
            let variable = format!("default_{}", number + 1);
            let _ = writeln!(declared, "    {variable} text;");
            kept.push_str(&self.keep_default(table, column, &variable)?);
            let name = self.name(&column.column)?;
            let brackets = if column.array { "[]" } else { "" };
            let type_ = format!("{}{brackets}", self.qualified(&replace.to.name)?);
            let value = self.mapped(replace, column.array, &name)?;
            actions.push(format!("\n        ALTER COLUMN {name} DROP DEFAULT"));
            actions.push(format!("\n        ALTER COLUMN {name} TYPE {type_} USING {value}::{type_}"));
            restored.push_str(&self.restore_default(replace, table, column, (&variable, &type_))?);
        }
        let table = self.qualified(table)?;
        let actions = actions.join(",");
        let body = format!(
            "\nDECLARE\n{declared}    computed boolean;\nBEGIN\n{kept}    ALTER TABLE {table}{actions};\n{restored}END\n"
        );
        Ok(format!("DO {}", dollar_quoted(&body)))
    }

    /// A block that gives the new type the comment, the privileges and the owner of the old one.
    fn hand_over(&self, old: &Name, new: &Name) -> Outcome<String> {
        let (old, new) = (self.text(&self.qualified(old)?)?, self.text(&self.qualified(new)?)?);
        let body = format!(
            "
DECLARE
    old CONSTANT oid := {old}::regtype;
    new CONSTANT oid := {new}::regtype;
    granted record;
BEGIN
    IF obj_description(old, 'pg_type') IS NOT NULL THEN
        EXECUTE format('COMMENT ON TYPE %s IS %L', {new}, obj_description(old, 'pg_type'));
    END IF;
    IF (SELECT count(DISTINCT typowner) FROM pg_type WHERE oid IN (old, new)) > 1 THEN
        EXECUTE format('ALTER TYPE %s OWNER TO %s', {new}, (SELECT typowner::regrole FROM pg_type WHERE oid = old));
    END IF;
    IF (SELECT count(DISTINCT coalesce(typacl, acldefault('T', typowner))::text) FROM pg_type WHERE oid IN (old, new)) > 1 THEN
        FOR granted IN
            SELECT pg_type.oid = old AS wanted, acl.is_grantable,
                CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END AS grantee
            FROM pg_type, aclexplode(coalesce(typacl, acldefault('T', typowner))) AS acl
            WHERE pg_type.oid IN (old, new) ORDER BY wanted
        LOOP
            IF granted.wanted THEN
                EXECUTE format('GRANT USAGE ON TYPE %s TO %s', {new}, granted.grantee)
                    || CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
            ELSE
                EXECUTE format('REVOKE USAGE ON TYPE %s FROM %s CASCADE', {new}, granted.grantee);
            END IF;
        END LOOP;
    END IF;
END
"
        );
        Ok(format!("DO {}", dollar_quoted(&body)))
    }

    /// Reads a column's default into a variable; one that is computed stops it all, and so does one of a partition's own.
    fn keep_default(&self, table: &Name, column: &EnumColumn, variable: &str) -> Outcome<String> {
        let (literal, name) = (self.text(&self.qualified(table)?)?, self.text(&column.column)?);
        let label = self.text(&format!("{table}.{}", column.column))?;
        Ok(format!(
            "    SELECT pg_get_expr(adbin, adrelid), EXISTS (
            SELECT FROM regexp_matches(adbin::text, '[{{]([A-Z]+)', 'g') AS node
            WHERE node[1] NOT IN ({NODES_OF_VALUES})
        )
    INTO {variable}, computed
    FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
    WHERE adrelid = {literal}::regclass AND attname = {name};
    IF computed THEN
        RAISE feature_not_supported USING MESSAGE = 'the default of ' || {label} || ' is computed; drop it first';
    END IF;
    IF EXISTS (
        WITH RECURSIVE child (oid) AS (
            SELECT inhrelid FROM pg_inherits WHERE inhparent = {literal}::regclass
            UNION SELECT inhrelid FROM pg_inherits JOIN child ON inhparent = child.oid
        )
        SELECT FROM child JOIN pg_attribute ON attrelid = child.oid AND attname = {name}
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE pg_get_expr(adbin, adrelid) IS DISTINCT FROM {variable}
    ) THEN
        RAISE feature_not_supported
            USING MESSAGE = 'a table below has another default than ' || {label} || '; drop it first';
    END IF;
"
        ))
    }

    /// Sets the default that a variable holds, mapped like the rows.
    fn restore_default(
        &self,
        replace: &ReplaceEnum,
        table: &Name,
        column: &EnumColumn,
        (variable, type_): (&str, &str),
    ) -> Outcome<String> {
        let mapped = self.mapped(replace, column.array, variable)?;
        let alter = format!(
            "ALTER TABLE {} ALTER COLUMN {} SET DEFAULT ",
            self.qualified(table)?,
            self.name(&column.column)?
        );
        let (alter, cast) = (self.text(&alter)?, self.text(&format!("::{type_}"))?);
        Ok(format!(
            "    IF {variable} IS NOT NULL THEN
        EXECUTE 'SELECT (' || {variable} || ')::text' INTO {variable};
        {variable} := {mapped};
        EXECUTE {alter} || quote_nullable({variable}) || {cast};
    END IF;
"
        ))
    }

    /// What becomes of a value, as text.
    fn mapped(&self, replace: &ReplaceEnum, array: bool, value: &str) -> Outcome<String> {
        let mapping: Vec<_> = replace.mapping.iter().filter(|(from, to)| from != to).collect();
        if array {
            return self.mapped_elements(&mapping, value);
        }
        if mapping.is_empty() {
            return Ok(format!("{value}::text"));
        }
        let mut sql = format!("(CASE {value}::text");
        for (from, to) in mapping {
            let _ = write!(sql, " WHEN {} THEN {}", self.text(from)?, self.text(to)?);
        }
        let _ = write!(sql, " ELSE {value}::text END)");
        Ok(sql)
    }

    /// `USING` takes no subquery, so elements are replaced one value after the other, which also keeps the bounds
    /// of arrays of arrays. Where a new value is an old one, too, all go through texts that are too long for a value.
    fn mapped_elements(&self, mapping: &[&(String, String)], value: &str) -> Outcome<String> {
        let steps: Vec<(String, String)> = if mapping
            .iter()
            .any(|(_, to)| mapping.iter().any(|(from, _)| from == to))
        {
            let between =
                |number: usize| format!("{:-<width$}", format!("value {number} "), width = LONGEST_NAME + 1);
            let away = mapping.iter().enumerate().map(|(number, (from, _))| (from.clone(), between(number)));
            let back = mapping.iter().enumerate().map(|(number, (_, to))| (between(number), to.clone()));
            away.chain(back).collect()
        } else {
            mapping.iter().map(|&pair| pair.clone()).collect()
        };
        steps.iter().try_fold(format!("{value}::text[]"), |sql, (from, to)| {
            Ok(format!("array_replace({sql}, {}, {})", self.text(from)?, self.text(to)?))
        })
    }

    fn check_mapping(&self, replace: &ReplaceEnum) -> Outcome<()> {
        let mut seen = BTreeSet::new();
        for (from, to) in &replace.mapping {
            if !replace.to.values.contains(to) {
                return Err(self.malformed(format!("{from} becomes {to}, which is none of the new values")));
            }
            if replace.from.as_ref().is_some_and(|values| !values.contains(from)) {
                return Err(self.malformed(format!("{from} becomes {to}, but is none of the old values")));
            }
            if !seen.insert(from) {
                return Err(self.malformed(format!("{from} becomes two values")));
            }
        }
        Ok(())
    }
}
