use serde::Serialize;

use super::VERSION;
use crate::alembic::{Conversion, Source};

/// `adopt alembic --from`.
#[derive(Debug, Serialize)]
pub(crate) struct ConversionDocument<'a> {
    version: u32,
    dry_run: bool,
    revisions: Vec<ConversionBody<'a>>,
}

#[derive(Debug, Serialize)]
struct ConversionBody<'a> {
    revision: &'a str,
    path: String,
    up: HalfBody<'a>,
    down: HalfBody<'a>,
}

#[derive(Debug, Serialize)]
struct HalfBody<'a> {
    /// `operations`, `sql`, `empty`, `irreversible` or `unwritten`.
    source: &'static str,
    /// Why it is to be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl<'a> ConversionDocument<'a> {
    pub(crate) fn new(conversions: &'a [Conversion], dry_run: bool) -> Self {
        let body = |conversion: &'a Conversion| ConversionBody {
            revision: &conversion.revision,
            path: conversion.path.display().to_string(),
            up: HalfBody::new(&conversion.up),
            down: HalfBody::new(&conversion.down),
        };
        Self { version: VERSION, dry_run, revisions: conversions.iter().map(body).collect() }
    }
}

impl<'a> HalfBody<'a> {
    fn new(source: &'a Source) -> Self {
        let (source, why) = match source {
            Source::Nothing => ("empty", None),
            Source::Operations => ("operations", None),
            Source::Sql => ("sql", None),
            Source::Irreversible => ("irreversible", None),
            Source::Unwritten(why) => ("unwritten", Some(why.as_str())),
        };
        Self { source, why }
    }
}
