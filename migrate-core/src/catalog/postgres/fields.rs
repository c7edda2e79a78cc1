use std::collections::BTreeMap;
use std::str::FromStr;

use crate::catalog::CatalogError;
use crate::connection::TextRow;

/// Takes the columns of a row in their order.
pub(super) struct Fields {
    what: &'static str,
    columns: std::vec::IntoIter<Option<String>>,
}

impl Fields {
    /// `what` names the rows in errors.
    pub(super) fn of(what: &'static str, row: TextRow) -> Self {
        Self { what, columns: row.into_iter() }
    }

    pub(super) fn optional(&mut self) -> Option<String> {
        self.columns.next().flatten()
    }

    pub(super) fn text(&mut self) -> Result<String, CatalogError> {
        self.optional().ok_or_else(|| self.unreadable("NULL"))
    }

    pub(super) fn flag(&mut self) -> Result<bool, CatalogError> {
        Ok(self.text()? == "true")
    }

    pub(super) fn number<T: FromStr>(&mut self) -> Result<T, CatalogError> {
        let text = self.text()?;
        text.parse().map_err(|_| self.unreadable(&text))
    }

    pub(super) fn optional_number<T: FromStr>(&mut self) -> Result<Option<T>, CatalogError> {
        let Some(text) = self.optional() else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.unreadable(&text))
    }

    /// One of the server's codes of a letter.
    pub(super) fn code<T: Copy>(&mut self, codes: &[(&str, T)]) -> Result<T, CatalogError> {
        let text = self.text()?;
        let found = codes.iter().find(|(code, _)| *code == text);
        found.map(|&(_, meaning)| meaning).ok_or_else(|| self.unreadable(&text))
    }

    /// An array of numbers, or one of the server's vectors; none when it is NULL.
    pub(super) fn numbers<T: FromStr>(&mut self) -> Result<Vec<T>, CatalogError> {
        let text = self.optional().unwrap_or_default();
        let numbers = text.trim_matches(['{', '}']).split([' ', ',']).filter(|number| !number.is_empty());
        numbers.map(|number| number.parse().map_err(|_| self.unreadable(&text))).collect()
    }

    /// An array of texts as JSON; none when it is NULL.
    pub(super) fn list(&mut self) -> Result<Vec<String>, CatalogError> {
        let Some(text) = self.optional() else { return Ok(Vec::new()) };
        serde_json::from_str(&text).map_err(|_| self.unreadable(&text))
    }

    /// An array of `name=value` as JSON.
    pub(super) fn options(&mut self) -> Result<BTreeMap<String, String>, CatalogError> {
        let pair = |text: String| match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (text, String::new()),
        };
        Ok(self.list()?.into_iter().map(pair).collect())
    }

    pub(super) fn unreadable(&self, text: &str) -> CatalogError {
        CatalogError::Answer { what: self.what, text: text.to_owned() }
    }
}
