use super::part::Part;
use super::writer::{Outcome, Writer};
use crate::operation::CommentTarget;
use crate::operation::render::Statement;

impl Writer<'_> {
    pub(super) fn comment(&self, on: &CommentTarget, text: Option<&str>) -> Outcome<String> {
        let target = match on {
            CommentTarget::Table(name) => format!("TABLE {}", self.qualified(name)?),
            CommentTarget::Column(table, column) => {
                format!("COLUMN {}.{}", self.qualified(table)?, self.name(column)?)
            }
            CommentTarget::View(name) => format!("VIEW {}", self.qualified(name)?),
            CommentTarget::MaterializedView(name) => format!("MATERIALIZED VIEW {}", self.qualified(name)?),
            CommentTarget::Index(name) => format!("INDEX {}", self.qualified(name)?),
            CommentTarget::Constraint(table, name) => {
                format!("CONSTRAINT {} ON {}", self.name(name)?, self.qualified(table)?)
            }
            CommentTarget::Type(name) => format!("TYPE {}", self.qualified(name)?),
            CommentTarget::Sequence(name) => format!("SEQUENCE {}", self.qualified(name)?),
            CommentTarget::Schema(name) => format!("SCHEMA {}", self.name(name)?),
            CommentTarget::Extension(name) => format!("EXTENSION {}", self.name(name)?),
            // A routine is a function or a procedure.
            CommentTarget::Function(name, arguments) => {
                format!("ROUTINE {}({arguments})", self.qualified(name)?)
            }
            CommentTarget::Trigger(table, name) => {
                format!("TRIGGER {} ON {}", self.name(name)?, self.qualified(table)?)
            }
        };
        let text = text.map_or_else(|| Ok("NULL".to_owned()), |text| self.text(text))?;
        Ok(format!("COMMENT ON {target} IS {text}"))
    }

    pub(super) fn comment_part<'o>(
        &self,
        on: CommentTarget,
        text: Option<&str>,
    ) -> Outcome<(Part<'o>, Statement)> {
        let statement = Statement::new(self.comment(&on, text)?);
        Ok((Part::Comment(on), statement))
    }
}
