#!/usr/bin/env bash
# Measures what a history of migrations costs to compile, for this framework and for the peers, and prints a table.
#
#   build-time/run.sh            1,000 migrations each; sea-orm-migration 40 and 200, from which 1,000 is extrapolated
#
# Each history is a library with a small program on top, in the form the tool asks for. The dependencies are built
# first and do not count. Three numbers, each of REPEATS builds (3):
#   release  CPU seconds of a release build of the two crates
#   touched  wall and CPU seconds of a dev build after one migration was changed, until the program is linked
# The histories are written to ../target/build-time; they share the target directory of this workspace.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
root=$(cd ../.. && pwd)
work=$here/target/build-time
repeats=${REPEATS:-3}
export CARGO_TERM_QUIET=true
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}

cargo build --release -p peers-history
generate=$CARGO_TARGET_DIR/release/peers-history

# manifest FORM DEPENDENCY...: the package of a history, with the versions that this workspace is locked to.
manifest() {
    local form=$1
    shift
    mkdir -p "$work/$form/src"
    {
        printf '[workspace]\n[package]\nname = "history-%s"\nversion = "0.0.0"\nedition = "2024"\n' "$form"
        printf '[profile.release]\ndebug = false\n[dependencies]\n'
        printf '%s\n' "$@"
    } >"$work/$form/Cargo.toml"
    cp "$here/Cargo.lock" "$work/$form/Cargo.lock"
}

diesel='diesel = { version = "2.3", default-features = false, features = ["postgres", "sqlite"] }'
sqlite='libsqlite3-sys = { version = ">=0.30, <0.39", features = ["bundled"] }'

# watched FORM: the build script with which cargo notices a new file.
watched() {
    mkdir -p "$work/$1"
    printf 'fn main() {\n    println!("cargo::rerun-if-changed=src/versions");\n}\n' >"$work/$1/build.rs"
}

ours() {
    local form=$1
    watched "$form"
    manifest "$form" "$diesel" "migrate-core = { path = \"$root/migrate-core\", features = [\"postgres\"] }"
    cat >"$work/$form/src/lib.rs" <<'RUST'
pub type Connection = migrate_core::AnyConnection;
migrate_core::migrations!("src/versions");
RUST
    cat >"$work/$form/src/main.rs" <<RUST
use diesel::Connection as _;
use history_${form//-/_}::{Connection, MANIFEST};
fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let mut connection = Connection::Sqlite(diesel::SqliteConnection::establish(&path).expect("a connection"));
    migrate_core::Migrator::new(MANIFEST).expect("a graph").upgrade(&mut connection, "heads").expect("success");
}
RUST
}

diesel_sql() {
    watched diesel
    manifest diesel "$diesel" "$sqlite" 'diesel_migrations = { version = "2.3", features = ["postgres", "sqlite"] }'
    cat >"$work/diesel/src/lib.rs" <<'RUST'
use libsqlite3_sys as _;
pub const MIGRATIONS: diesel_migrations::EmbeddedMigrations = diesel_migrations::embed_migrations!("src/versions");
RUST
    cat >"$work/diesel/src/main.rs" <<'RUST'
use diesel::Connection as _;
use diesel_migrations::MigrationHarness as _;
fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let mut connection = diesel::SqliteConnection::establish(&path).expect("a connection");
    connection.run_pending_migrations(history_diesel::MIGRATIONS).expect("success");
}
RUST
}

sea_orm() {
    manifest sea-orm 'tokio = { version = "1", features = ["rt"] }' \
        'sea-orm-migration = { version = "2.0", default-features = false, features = ["runtime-tokio", "sqlx-postgres", "sqlx-sqlite"] }'
    cat >"$work/sea-orm/src/lib.rs" <<'RUST'
#[path = "versions/lib.rs"]
mod versions;
pub use versions::Migrator;
RUST
    cat >"$work/sea-orm/src/main.rs" <<'RUST'
use sea_orm_migration::{MigratorTrait as _, sea_orm::Database};
fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let connection = Database::connect(format!("sqlite://{path}?mode=rwc")).await.expect("a connection");
        history_sea_orm::Migrator::up(&connection, None).await.expect("success");
    });
}
RUST
}

# timed COMMAND...: wall seconds and CPU seconds, with a space between.
timed() {
    local TIMEFORMAT='%R %U %S'
    { time "$@" >&2; } 2>&1 >/dev/null | tail -1 | awk '{ printf "%.2f %.2f\n", $1, $2 + $3 }'
}

# summary COLUMN: minimum and median of a column of standard input.
summary() {
    sort -n -k "$1,$1" | awk -v c="$1" '{ v[NR] = $c } END { printf "%.2f | %.2f", v[1], v[int(NR / 2) + 1] }'
}

build() { (cd "$work/$1" && cargo build "${@:2}"); }

# measure FORM COUNT GENERATOR CHANGED-FILE: one row of the table.
measure() {
    local form=$1 count=$2 tool=$3 changed=$work/$1/src/versions/$4 package=history-$1
    rm -rf "$work/$form/src/versions"
    "$generate" "$tool" 1 "$work/$form/src/versions"
    build "$form" --release
    build "$form"
    "$generate" "$tool" "$count" "$work/$form/src/versions"
    local release=() touched=() round
    for ((round = 1; round <= repeats; round++)); do
        (cd "$work/$form" && cargo clean --release -p "$package")
        release+=("$(timed build "$form" --release)")
    done
    build "$form"
    for ((round = 1; round <= repeats; round++)); do
        sed -i "s/v[0-9]* TEXT/v$round TEXT/" "$changed"
        touched+=("$(timed build "$form")")
    done
    printf '| %s, %s | %s | %s | %s | %s |\n' "$form" "$count" \
        "$(printf '%s\n' "${release[@]}" | summary 2)" "$(printf '%s\n' "${touched[@]}" | summary 1)" \
        "$(printf '%s\n' "${touched[@]}" | summary 2)" \
        "$(stat -c %s "$CARGO_TARGET_DIR/release/$package" | awk '{ printf "%.1f", $1 / 1e6 }')"
}

ours ours
diesel_sql
sea_orm
echo '| form, migrations | release, CPU s: min | median | touched, wall s: min | median | touched, CPU s: min | median | release program, MB |'
echo '|---|--:|--:|--:|--:|--:|--:|--:|'
for form in ${FORMS:-ours diesel sea-orm}; do
    case $form in
    ours) measure ours "${COUNT:-1000}" ours 20250101_0005_m0005_create_t0005.rs ;;
    diesel) measure diesel "${COUNT:-1000}" diesel 2025-01-01-000005_create_t0005/up.sql ;;
    sea-orm)
        measure sea-orm 40 sea-orm m20250101_000005_create_t0005.rs
        measure sea-orm 200 sea-orm m20250101_000005_create_t0005.rs
        ;;
    *) echo "unknown form $form" >&2 && exit 2 ;;
    esac
done
