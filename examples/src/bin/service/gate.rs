//! Requests for data are turned away until the schema is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

/// Closed until this process has seen the schema that it needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<AtomicBool>);

#[derive(Serialize)]
struct NotYet {
    error: &'static str,
}

impl Gate {
    pub(crate) fn open(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Lets a request through, or says that it is too early: a readiness probe keeps most away, but not all.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if gate.0.load(Ordering::Acquire) {
        return next.run(request).await;
    }
    let body = Json(NotYet { error: "the database is being migrated; try again in a moment" });
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], body).into_response()
}
