#!/usr/bin/env bash
# Runs all tests of the workspace. Arguments go to the test runner: scripts/test.sh -E 'test(lock)'
#
# Needs rustup and a C toolchain; what else is missing on a Debian machine it installs: libpq and its headers,
# the PostgreSQL server, sqlite3, npm for a second one of version 18 (see postgres-18.sh), PgBouncer (the tests start and stop
# their own) and cargo-nextest.
# MIGRATE_REPEAT=50 repeats the tests of chance, such as sixteen processes that start at once, 50 times each.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*" >&2; }

missing_packages() {
    command -v cc >/dev/null || echo build-essential
    command -v pg_config >/dev/null && [ -e "$(pg_config --includedir)/libpq-fe.h" ] || echo libpq-dev
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || echo postgresql
    PATH="$PATH:/usr/sbin" command -v pgbouncer >/dev/null || echo pgbouncer
    # Without it the script succeeds only where there is nothing to fetch.
    command -v npm >/dev/null || scripts/postgres-18.sh >/dev/null 2>&1 || echo npm
    # For the pages of the guide that look at the schema.
    command -v sqlite3 >/dev/null || echo sqlite3
    command -v flock >/dev/null && command -v setpriv >/dev/null && command -v setsid >/dev/null || echo util-linux
}

install_packages() {
    local packages=("$@") sudo=()
    say "installing ${packages[*]}"
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "please run as root: apt-get install ${packages[*]}" >&2
            exit 1
        fi
        sudo=(sudo)
    fi
    "${sudo[@]}" apt-get update --quiet
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=300 "${packages[@]}"
}

mapfile -t packages < <(missing_packages)
[ ${#packages[@]} = 0 ] || install_packages "${packages[@]}"

postgres_18=$(scripts/postgres-18.sh)
say "PostgreSQL 18 is in $postgres_18"

features=(--workspace --features sqlite,postgres)

if ! cargo nextest --version >/dev/null 2>&1; then
    say "installing cargo-nextest"
    cargo install cargo-nextest --locked || echo "cargo-nextest did not install; using cargo test" >&2
fi

if cargo nextest --version >/dev/null 2>&1; then
    say "cargo nextest run"
    cargo nextest run "${features[@]}" "$@"
    # Whoever picks tests does not want all the others.
    [ $# = 0 ] || exit 0
    say "doc tests"
    cargo test "${features[@]}" --doc
else
    say "cargo test"
    cargo test "${features[@]}" "$@"
fi
