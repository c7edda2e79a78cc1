use migrate_core::prelude::*;

diesel::table! {
    releases (name, version) {
        name -> Text,
        version -> Text,
        is_prerelease -> Nullable<Bool>,
    }
}

/// Fill releases.is_prerelease from the version
///
/// A version that PEP 440 does not allow is put aside, so that somebody decides; NULL stays in its row, and the
/// revision that makes the column NOT NULL waits for that.
#[migration(revision = "4490777c984f", down_revision = "0c6e9f2b81d4")]
pub struct ParseVersions;

/// A release, by its key; nothing else is needed.
type Release = (String, String);

impl Backfill for ParseVersions {
    type Connection = super::Connection;
    type Key = Release;
    type Row = Release;

    // No lock: the version is part of the key and never changes, and a writer who fills the flag writes the same.
    fn rows(&self, conn: &mut Self::Connection, span: &Span<Release>) -> QueryResult<Vec<Release>> {
        let key = (releases::name, releases::version);
        releases::table
            .select(key)
            .filter(releases::is_prerelease.is_null())
            .filter(span.contains_row(key))
            .order(key)
            .limit(span.limit())
            .load(conn)
    }

    fn key(&self, release: &Release) -> Release {
        release.clone()
    }

    fn apply(&self, conn: &mut Self::Connection, releases: Vec<Release>) -> Result<()> {
        let flags = releases.into_iter().map(|release| match is_prerelease(&release.1) {
            Some(flag) => Ok((release, Some(flag))),
            None => Err(BodyError::new(format_args!("`{}` is no version of PEP 440", release.1))),
        });
        bulk_update(releases::table, (releases::name, releases::version), releases::is_prerelease)
            .rows(flags.collect::<Result<Vec<_>>>()?)
            .execute(conn)
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        releases::table.filter(releases::is_prerelease.is_null()).count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, Self::Connection>) -> Result<()> {
        // The column goes with the revision that added it.
        Ok(())
    }

    /// The old code uploads releases, without the flag, anywhere in the table.
    fn rescans(&self) -> bool {
        true
    }

    fn max_rejected(&self) -> u64 {
        1_000
    }
}

/// Whether a version is one of a pre-release; `None` when it is no version.
///
/// The grammar of PEP 440, appendix B, as it stood when this migration was written. It is not the application's: that
/// one may change its mind, and this revision means the same for ever.
fn is_prerelease(version: &str) -> Option<bool> {
    let version = version.trim().to_ascii_lowercase();
    let mut rest = Rest(version.strip_prefix('v').unwrap_or(&version));
    rest.number()?;
    if rest.take("!") {
        rest.number()?;
    }
    while rest.numbered(".") {}
    let pre = rest.segment(&["alpha", "a", "beta", "b", "preview", "pre", "c", "rc"]);
    if !rest.numbered("-") {
        rest.segment(&["post", "rev", "r"]);
    }
    let dev = rest.segment(&["dev"]);
    let ends = rest.0.is_empty() || rest.0.strip_prefix('+').is_some_and(is_local);
    ends.then_some(pre || dev)
}

/// What follows the `+`: words of letters and digits with one separator in between.
fn is_local(label: &str) -> bool {
    label
        .split(['-', '_', '.'])
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The part of a version that is not read yet.
#[derive(Clone, Copy)]
struct Rest<'v>(&'v str);

impl Rest<'_> {
    fn take(&mut self, text: &str) -> bool {
        match self.0.strip_prefix(text) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn number(&mut self) -> Option<()> {
        let rest = self.0.trim_start_matches(|character: char| character.is_ascii_digit());
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found.then_some(())
    }

    /// A mark with a number behind it.
    fn numbered(&mut self, mark: &str) -> bool {
        let numbered = |rest: &mut Self| {
            rest.take(mark).then_some(())?;
            rest.number()
        };
        self.attempt(numbered).is_some()
    }

    /// Reads what `part` reads, or nothing at all.
    fn attempt(&mut self, part: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let before = *self;
        let found = part(self);
        if found.is_none() {
            *self = before;
        }
        found
    }

    /// One of the words with a separator before it, and one and a number behind it, as far as they are there.
    fn segment(&mut self, words: &[&str]) -> bool {
        let segment = |rest: &mut Self| {
            rest.separator();
            words.iter().any(|word| rest.take(word)).then_some(())?;
            let _ = rest.attempt(|rest| {
                rest.separator();
                rest.number()
            });
            Some(())
        };
        self.attempt(segment).is_some()
    }

    fn separator(&mut self) {
        let _ = self.take(".") || self.take("-") || self.take("_");
    }
}
