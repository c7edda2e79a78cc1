#!/usr/bin/env bash
# Builds this framework and its peers, runs every benchmark side by side, and prints the tables for docs/benchmarks.md.
#
#   run.sh [runtime|build-time|all]     all is the default
#
# SERVER (both) is sqlite or postgres; ROUNDS (5) interleaved runs of each tool; REPEATS (3) builds of each history; SEA_ORM (200) migrations for
# sea-orm-migration, whose compile time forbids 1,000. A PostgreSQL server with its default configuration is started
# for the run in a directory of its own under TMPDIR, as user postgres, and removed afterwards; PG_BIN says where its
# programs are.
set -euo pipefail
cd "$(dirname "$0")"
what=${1:-all}
here=$PWD
target=${CARGO_TARGET_DIR:-$here/target}
history=$here/target/history
jobs=${JOBS:-1}
pg_bin=${PG_BIN:-$(pg_config --bindir)}

build() { nice -n 19 cargo build --release --quiet -j "$jobs" -p "$1"; }

histories() {
    build peers-history
    local tool
    for tool in ours diesel sqlx refinery psql; do
        "$target/release/peers-history" "$tool" 1000 "$history/$tool"
    done
    "$target/release/peers-history" sea-orm "${SEA_ORM:-200}" "$history/sea-orm"
}

start_postgres() {
    cluster=$(mktemp -d "${TMPDIR:-/tmp}/peers-pg.XXXXXX")
    trap stop_postgres EXIT
    chown postgres "$cluster"
    port=$((20000 + RANDOM % 20000))
    as_postgres "$pg_bin/initdb" -D "$cluster/data" -A trust >/dev/null
    as_postgres "$pg_bin/pg_ctl" -D "$cluster/data" -w -l "$cluster/log" \
        -o "-c listen_addresses='' -c unix_socket_directories='$cluster' -p $port" start >/dev/null
}

stop_postgres() {
    as_postgres "$pg_bin/pg_ctl" -D "$cluster/data" -m immediate stop >/dev/null || true
    rm -rf "$cluster"
}

# as_postgres COMMAND...: as the user postgres when this is root, whom the server refuses.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

machine() {
    echo "- $(date -u '+%Y-%m-%d %H:%M UTC'), load $(cut -d' ' -f1-3 /proc/loadavg)"
    echo "- $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(free -g | awk '/^Mem/ { print $2 }') GB, $(df --output=source,fstype . | tail -1 | tr -s ' ')"
    echo "- $(uname -sr), $(rustc --version), $("$pg_bin/postgres" --version), $(psql --version)"
    echo "- $(sed -n '/^name = /{s/name = "\(.*\)"/\1/;N;s/\nversion = "\(.*\)"/ \1/;p}' Cargo.lock |
        grep -E '^(diesel|diesel_migrations|sqlx|refinery|rusqlite|sea-orm-migration|libsqlite3-sys|postgres|pq-sys) ' |
        paste -sd, | sed 's/,/, /g')"
}

runtime() {
    histories
    local tool
    for tool in driver floor ours diesel sqlx refinery sea-orm; do build "peers-$tool"; done
    start_postgres
    machine
    "$target/release/peers-driver" "$target/release" "$history" "$target/scratch" "$cluster" "$port" "${ROUNDS:-5}" ${SERVER:+"$SERVER"}
}

case $what in
runtime) runtime ;;
build-time) build-time/run.sh ;;
all)
    runtime
    printf '\n### Building\n\n'
    build-time/run.sh
    ;;
*) echo "usage: $0 [runtime|build-time|all]" >&2 && exit 2 ;;
esac
