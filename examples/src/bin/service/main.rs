//! A web service that takes care of its database's schema: it migrates at start-up, or refuses to start.
//!
//! | variable | |
//! |---|---|
//! | `DATABASE_URL` | the database; or `POSTGRES_HOST`, `POSTGRES_PORT`, `POSTGRES_DB`, `POSTGRES_USER`, `POSTGRES_PASSWORD` |
//! | `LISTEN` | where it answers, by default `127.0.0.1:3000`; with port 0 the system chooses one |
//! | `ON_START` | `upgrade` migrates while it listens already; `check` refuses to start on a database that is behind |
//!
//! `GET /health` says 200 as soon as the database has all that this release needs, and 503 before; so does every request
//! for data. SIGTERM and Ctrl-C end the service after the step in hand, a second one at once.

mod characters;
mod gate;
mod health;
mod settings;
mod signals;
mod startup;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum::{Router, middleware};
use diesel::r2d2::Pool;
use migrate_core::connection::DatabaseUrl;
use migrate_core::runner::StopFlag;
use migrate_core::{AnyConnection, Migrator};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use self::gate::Gate;
use self::settings::{OnStart, Settings};
use self::signals::Signals;

/// Whatever ends the service before its time.
type Failure = Box<dyn Error + Send + Sync>;

/// How long requests that are under way may take when the service ends.
const GRACE: Duration = Duration::from_secs(5);

/// What every request may use.
#[derive(Clone)]
struct App {
    pool: Pool<DatabaseUrl>,
    migrator: Arc<Migrator<AnyConnection>>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", with_sources(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    // Before anything else.
    let mut signals = Signals::take()?;
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    let stop = StopFlag::default();
    let migrator = Arc::new(startup::migrator(&settings.url, &stop)?);

    let gate = Gate::default();
    if settings.on_start == OnStart::Check {
        let (url, migrator) = (settings.url.clone(), Arc::clone(&migrator));
        spawn_blocking(move || startup::check(&url, &migrator)).await??;
        gate.open();
    }

    signals.heed();
    let app = App { pool: pool(&settings.url), migrator: Arc::clone(&migrator) };
    let listener = TcpListener::bind(&settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let (shut_down, told) = oneshot::channel::<()>();
    let server =
        axum::serve(listener, routes(app, gate.clone())).with_graceful_shutdown(async { drop(told.await) });
    let server = tokio::spawn(server.into_future());

    let mut migration = spawn_blocking(move || {
        if settings.on_start == OnStart::Upgrade && startup::upgrade(&settings.url, &migrator)? {
            gate.open();
        }
        Ok(())
    });
    // When the migration has succeeded, that branch is off, and the service runs until it is told to end.
    let ended = tokio::select! {
        () = signals.received() => Ok(()),
        failed @ (Ok(Err(_)) | Err(_)) = &mut migration => failed.map_err(Failure::from).flatten(),
    };

    // The step in hand is finished, so that nothing is left half done; the next process goes on from there.
    stop.set();
    signals.insist();
    drop(shut_down);
    let migrated = if migration.is_finished() {
        Ok(())
    } else {
        tracing::info!("the migration is asked to stop; another signal ends the service at once");
        migration.await?
    };
    if timeout(GRACE, server).await.is_err() {
        tracing::warn!("requests were cut off after {} s", GRACE.as_secs());
    }
    ended.and(migrated)
}

fn routes(app: App, gate: Gate) -> Router {
    let data = Router::new().route("/characters", get(characters::list));
    Router::new()
        .merge(data.route_layer(middleware::from_fn_with_state(gate, gate::pass)))
        .route("/health", get(health::report))
        .with_state(app)
}

/// Opens connections when they are asked for: the service starts, and reports its health, without a server.
fn pool(url: &DatabaseUrl) -> Pool<DatabaseUrl> {
    Pool::builder()
        .max_size(4)
        .min_idle(Some(0))
        .connection_timeout(Duration::from_secs(2))
        .build_unchecked(url.clone())
}

/// An error and its causes in one line.
fn with_sources(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}
