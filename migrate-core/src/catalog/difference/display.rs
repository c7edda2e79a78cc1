use std::fmt;

use super::tree::{AttributeChange, Change, Difference, ObjectKind, What};

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.changes.iter().try_for_each(|change| write_change(f, change, 0))
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Enum => "enum",
            Self::Domain => "domain",
            Self::Type => "type",
            Self::Attribute => "attribute",
            Self::Sequence => "sequence",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Aggregate => "aggregate",
            Self::Table => "table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Column => "column",
            Self::PrimaryKey => "primary key",
            Self::Unique => "unique",
            Self::Check => "check",
            Self::ForeignKey => "foreign key",
            Self::Exclusion => "exclude",
            Self::Index => "index",
            Self::Trigger => "trigger",
            Self::Rule => "rule",
            Self::Policy => "policy",
        })
    }
}

fn write_change(f: &mut fmt::Formatter<'_>, change: &Change, depth: usize) -> fmt::Result {
    let Change { kind, name, what } = change;
    let indent = "  ".repeat(depth);
    let title = if name.is_empty() { kind.to_string() } else { format!("{kind} {name}") };
    match what {
        What::Added { summary } if summary.is_empty() => writeln!(f, "{indent}+ {title}"),
        What::Added { summary } => writeln!(f, "{indent}+ {title} {}", in_a_line(summary)),
        // Its name says which one it was; what it was is gone.
        What::Removed { summary } if name.is_empty() => {
            writeln!(f, "{indent}- {title} {}", in_a_line(summary))
        }
        What::Removed { .. } => writeln!(f, "{indent}- {title}"),
        What::Changed { attributes, parts } => {
            let mark = if attributes.is_empty() { "" } else { "~ " };
            write!(f, "{indent}{mark}{title}")?;
            write_attributes(f, attributes, depth)?;
            parts.iter().try_for_each(|part| write_change(f, part, depth + 1))
        }
    }
}

/// Writes short values behind the title and, below it, the lines in which long ones differ.
fn write_attributes(f: &mut fmt::Formatter<'_>, attributes: &[AttributeChange], depth: usize) -> fmt::Result {
    let is_long = |change: &&AttributeChange| {
        [&change.from, &change.to].into_iter().flatten().any(|value| value.contains('\n'))
    };
    let (long, short): (Vec<_>, Vec<_>) = attributes.iter().partition(is_long);
    let one = |change: &&AttributeChange| {
        let [from, to] = [&change.from, &change.to].map(|value| value.as_deref().unwrap_or("none"));
        format!("{} {from} -> {to}", change.attribute)
    };
    if !short.is_empty() {
        write!(f, ": {}", short.iter().map(one).collect::<Vec<_>>().join(", "))?;
    }
    writeln!(f)?;
    let indent = "  ".repeat(depth + 1);
    for change in long {
        writeln!(f, "{indent}{}:", change.attribute)?;
        let [from, to] = [&change.from, &change.to]
            .map(|value| value.as_deref().map(|value| value.lines().collect()).unwrap_or_default());
        let (from, to) = without_common_ends(&from, &to);
        for (mark, lines) in [('-', from), ('+', to)] {
            lines.iter().try_for_each(|line| writeln!(f, "{indent}  {mark} {line}"))?;
        }
    }
    Ok(())
}

fn in_a_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Leaves out the lines that two texts begin and end with alike.
fn without_common_ends<'l, 't>(
    from: &'l Vec<&'t str>,
    to: &'l Vec<&'t str>,
) -> (&'l [&'t str], &'l [&'t str]) {
    let head = from.iter().zip(to).take_while(|(from, to)| from == to).count();
    let (from, to) = (&from[head..], &to[head..]);
    let tail = from.iter().rev().zip(to.iter().rev()).take_while(|(from, to)| from == to).count();
    (&from[..from.len() - tail], &to[..to.len() - tail])
}
