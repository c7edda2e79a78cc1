//! What a plan says of a backfill.

use std::time::Duration;

use migrate_core::connection::Dialect;
use migrate_core::preview::BackfillPreview;

use crate::render::text::{count, thousands, took};

/// What it does, and then what others notice of it, with the server's word for that.
pub(super) struct Words {
    pub(super) does: Vec<String>,
    pub(super) notice: &'static str,
    pub(super) term: Option<&'static str>,
}

/// Tells how a backfill would run. How many rows there are is known to its queries, which a plan does not ask.
pub(super) fn words(
    preview: &BackfillPreview,
    dialect: Dialect,
    revision: &str,
    one_transaction: bool,
) -> Words {
    let BackfillPreview { pace, max_rejected, rescans, filled } = *preview;
    let each = if one_transaction { "all in one transaction" } else { "each a transaction of its own" };
    let mut does = vec![format!(
        "rows in batches of {} at first, {} to {} so that one takes {}, {each}",
        thousands(pace.start.clamp(pace.min, pace.max).into()),
        thousands(pace.min.into()),
        thousands(pace.max.into()),
        took(pace.target)
    )];
    if pace.rest > Duration::ZERO {
        does.push(format!("rests for {} after each", took(pace.rest)));
    }
    if max_rejected > 0 {
        let rows = count(usize::try_from(max_rejected).unwrap_or(usize::MAX), "bad row");
        does.push(format!("puts up to {rows} aside"));
    }
    if rescans {
        does.push("visits all rows again while some remain".to_owned());
    }
    does.push(match filled {
        Some(filled) => format!("so far: {filled}"),
        None => format!(
            "how many rows there are is not asked here: `backfill run {revision} --dry-run` counts them"
        ),
    });
    match dialect {
        Dialect::Postgres => Words {
            does,
            notice: "who writes a row of a batch waits until that batch is committed; reads go on",
            term: Some("FOR NO KEY UPDATE"),
        },
        _ => Words { does, notice: "keeps other writers out of the file during each batch", term: None },
    }
}

#[cfg(test)]
mod tests {
    use migrate_core::backfill::Pace;
    use migrate_core::runner::Filled;

    use super::*;

    #[test]
    fn what_is_not_the_default_is_told() {
        let plain = BackfillPreview { pace: Pace::default(), max_rejected: 0, rescans: false, filled: None };
        let does = |preview: &BackfillPreview| words(preview, Dialect::Postgres, "b1", false).does.join("; ");
        assert_eq!(
            does(&plain),
            "rows in batches of 1,000 at first, 10 to 20,000 so that one takes 300 ms, each a transaction of its own; \
             how many rows there are is not asked here: `backfill run b1 --dry-run` counts them"
        );
        let pace = Pace { start: 5, rest: Duration::from_secs(1), ..Pace::default() };
        let filled = Filled { rows: 40, rejected: 0, total: Some(100), state: "running" };
        let preview = BackfillPreview { pace, max_rejected: 1, rescans: true, filled: Some(filled) };
        assert_eq!(
            does(&preview),
            "rows in batches of 10 at first, 10 to 20,000 so that one takes 300 ms, each a transaction of its own; \
             rests for 1.0 s after each; puts up to 1 bad row aside; visits all rows again while some remain; \
             so far: 40 of 100 rows"
        );
    }
}
