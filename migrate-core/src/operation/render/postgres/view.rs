use super::writer::{Outcome, Writer};
use crate::operation::{Dropped, Name, View};

impl Writer<'_> {
    pub(super) fn create_view(&self, view: &View) -> Outcome<String> {
        if view.materialized && view.or_replace {
            return Err(
                self.unsupported("a materialized view is dropped and created again, with its indexes")
            );
        }
        if !view.materialized && !view.with_data {
            return Err(self.malformed("only a materialized view has data"));
        }
        let or_replace = if view.or_replace { "OR REPLACE " } else { "" };
        let materialized = if view.materialized { "MATERIALIZED " } else { "" };
        let columns =
            if view.columns.is_empty() { String::new() } else { format!(" {}", self.names(&view.columns)?) };
        let options = match &view.options[..] {
            [] => String::new(),
            options => format!(" WITH {}", self.parameters(options)?),
        };
        let query = self.sql(&view.query)?.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace());
        // A comment at the end would swallow what comes after.
        let end = if query.contains("--") { "\n" } else { "" };
        let no_data = if view.with_data { end } else { "\nWITH NO DATA" };
        let name = self.qualified(&view.name)?;
        Ok(format!("CREATE {or_replace}{materialized}VIEW {name}{columns}{options} AS\n{query}{no_data}"))
    }

    pub(super) fn drop_view(&self, view: &Dropped<View>, materialized: bool) -> Outcome<String> {
        let kind = if materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        self.drop(kind, view, &self.qualified(&view.name)?)
    }

    pub(super) fn refresh_view(&self, name: &Name, concurrently: bool) -> Outcome<String> {
        let concurrently = if concurrently { "CONCURRENTLY " } else { "" };
        Ok(format!("REFRESH MATERIALIZED VIEW {concurrently}{}", self.qualified(name)?))
    }
}
