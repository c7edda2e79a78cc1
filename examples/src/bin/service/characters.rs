//! `GET /characters`: what the service is there for.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use diesel::{QueryDsl as _, RunQueryDsl as _};
use serde::Serialize;
use tokio::task::spawn_blocking;

use crate::{App, Failure};

diesel::table! {
    characters (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
    }
}

/// A character as callers see it.
#[derive(diesel::Queryable, Serialize)]
pub(crate) struct Character {
    slug: String,
    name: String,
}

/// Lists them by name.
pub(crate) async fn list(State(app): State<App>) -> Result<Json<Vec<Character>>, StatusCode> {
    let load = move || -> Result<Vec<Character>, Failure> {
        let query = characters::table.select((characters::slug, characters::name)).order(characters::name);
        Ok(query.load(&mut *app.pool.get()?)?)
    };
    let loaded = spawn_blocking(load).await.map_err(Failure::from).flatten();
    loaded.map(Json).map_err(|error| {
        tracing::error!("{error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}
