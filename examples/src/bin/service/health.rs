//! `GET /health`: whether the database has what this release needs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use migrate_core::runner::{RevisionState, Status};
use serde::Serialize;
use tokio::task::spawn_blocking;

use crate::{App, Failure};

/// What `/health` answers.
///
/// For a readiness probe. As a liveness probe it would restart a service whose database is away for a moment, or
/// is being migrated, and neither gets better by that.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Health {
    status: Word,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Schema>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Ok,
    /// Revisions are pending: somebody is at it, or nobody.
    Behind,
    Unreachable,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Schema {
    current: Vec<String>,
    expected: Vec<String>,
    pending: usize,
    /// What a newer release has applied. It is no fault: while releases are exchanged, the old one goes on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
}

/// Asks the database, with one SELECT.
pub(crate) async fn report(State(App { pool, migrator }): State<App>) -> Health {
    let ask = {
        let migrator = Arc::clone(&migrator);
        move || -> Result<Status, Failure> { Ok(migrator.status(&mut *pool.get()?)?) }
    };
    match spawn_blocking(ask).await.map_err(Failure::from).flatten() {
        Ok(status) => Health::of(status, &migrator.graph().real_heads()),
        Err(error) => {
            // For the log alone: whoever may ask for the health need not know the server.
            tracing::warn!("no schema state: {}", crate::with_sources(&*error));
            Health { status: Word::Unreachable, schema: None }
        }
    }
}

impl Health {
    fn of(status: Status, expected: &[&str]) -> Self {
        let unknown: Vec<_> =
            status.in_state(RevisionState::Unknown).map(|found| found.revision.clone()).collect();
        let applied = status.in_state(RevisionState::Applied).count();
        let pending = status.revisions.len() - unknown.len() - applied;
        Self {
            status: if pending == 0 { Word::Ok } else { Word::Behind },
            schema: Some(Schema {
                current: status.heads,
                expected: expected.iter().map(ToString::to_string).collect(),
                pending,
                unknown,
            }),
        }
    }
}

impl IntoResponse for Health {
    fn into_response(self) -> Response {
        let code = match self.status {
            Word::Ok => StatusCode::OK,
            Word::Behind | Word::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        };
        (code, Json(self)).into_response()
    }
}
