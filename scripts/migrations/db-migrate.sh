#!/usr/bin/env bash
#
# Migrates this project's database: migrate-cli with the project's .env, its features and short commands.
# `db-migrate.sh help` lists them.

set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: db-migrate.sh <command> [options]

  status                  what is applied and what is pending
  current                 the revision that the database is at
  history                 all revisions, newest first
  graph                   the same as a drawing
  create <words...>       write a new migration, named by the words
  upgrade [target]        apply what is pending, or as much as the target says: +1, abc123
  downgrade [target]      undo the last migration, or down to the target: -2, abc123, base
  stamp [revision]        record as applied without running anything (default: head)
  merge <heads...>        write a migration that joins branches: -m "Merge feature branches"
  help                    this text

Any other command of migrate-cli works as well (plan, check, heads, show, redo), and so do its options:
--yes answers its questions, --json prints for programs, <command> --help explains.

Database, the first of: --database-url URL, DATABASE_URL, POSTGRES_HOST/PORT/DB/USER/PASSWORD, the same names
in the project's .env, the file migrate.db.

MIGRATE_BIN names a binary to run. Without it migrate-cli runs from PATH in a container, and through cargo
everywhere else.
TEXT
}

fail() {
    printf 'error: %s\n' "$2" >&2
    exit "$1"
}

# The directory two above this script, whatever link it was called by.
project_root() {
    local path=$1 target
    while [[ -L $path ]]; do
        target=$(readlink -- "$path")
        [[ $target == /* ]] || target=$(dirname -- "$path")/$target
        path=$target
    done
    cd -P -- "$(dirname -- "$path")/../.." && pwd
}

# What a double-quoted value says: \n is a line's end, a backslash before any other character is that character.
unescaped() {
    local rest=$1 value=''
    while [[ $rest == *\\* ]]; do
        value+=${rest%%\\*}
        rest=${rest#*\\}
        case $rest in
            n*) value+=$'\n' ;;
            *) value+=${rest:0:1} ;;
        esac
        rest=${rest:1}
    done
    printf '%s.' "$value$rest"
}

# Exports the variables of a file. It is read, not run: a `$` is a `$`. What is set already stays.
load_env() {
    local file=$1 number=0 line key value named_here=''
    local assignment='^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$'
    local blank='^[[:space:]]*(#.*)?$' double='^"(([^"\\]|\\.)*)"' single="^'([^']*)'"
    # A database that the environment names is not mixed with the URL of another one from the file.
    named_here=${POSTGRES_HOST-}${POSTGRES_PORT-}${POSTGRES_DB-}${POSTGRES_USER-}
    while IFS= read -r line || [[ -n $line ]]; do
        number=$((number + 1))
        line=${line#$'\xef\xbb\xbf'}
        line=${line%$'\r'}
        [[ $line =~ $blank ]] && continue
        if ! [[ $line =~ $assignment ]]; then
            printf 'warning: %s:%d is not NAME=value\n' "$file" "$number" >&2
            continue
        fi
        key=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
        if [[ $value =~ $single ]]; then
            value=${BASH_REMATCH[1]}
        elif [[ $value =~ $double ]]; then
            value=$(unescaped "${BASH_REMATCH[1]}")
            value=${value%.}
        else
            [[ $value == '#'* ]] && value=''
            value=${value%%[[:space:]]#*}
            value=${value%"${value##*[![:space:]]}"}
        fi
        [[ -z ${!key-} ]] || continue
        [[ $key == DATABASE_URL && -n $named_here ]] && continue
        export "$key=$value"
    done <"$file"
}

# The feature of the server that the arguments, or else the environment, name.
feature() {
    local url=${DATABASE_URL-} previous='' argument
    for argument in "$@"; do
        [[ $previous == --database-url ]] && url=$argument
        [[ $argument == --database-url=* ]] && url=${argument#*=}
        previous=$argument
    done
    case $url in
        postgres://* | postgresql://*) echo postgres ;;
        '') [[ -z ${POSTGRES_HOST-}${POSTGRES_PORT-}${POSTGRES_DB-}${POSTGRES_USER-} ]] || echo postgres ;;
    esac
}

in_container() {
    [[ -e /.dockerenv || -e /run/.containerenv || -n ${KUBERNETES_SERVICE_HOST-} ]]
}

# Becomes migrate-cli, so that signals and the exit code are its own.
run() {
    local features
    if [[ -n ${MIGRATE_BIN-} ]]; then
        command -v -- "$MIGRATE_BIN" >/dev/null || fail 127 "MIGRATE_BIN=$MIGRATE_BIN cannot be run"
        exec "$MIGRATE_BIN" "$@"
    fi
    if command -v migrate-cli >/dev/null && { in_container || ! command -v cargo >/dev/null; }; then
        exec migrate-cli "$@"
    fi
    command -v cargo >/dev/null || fail 127 'neither MIGRATE_BIN nor migrate-cli nor cargo is there to run'
    features=$(feature "$@")
    exec cargo run -q -p migrate-cli ${features:+--features "$features"} -- "$@"
}

# Whether the arguments have a target among them: -1 is one, --yes is none.
has_target() {
    local argument
    for argument in "$@"; do
        [[ $argument != -* || $argument =~ ^-[0-9]+$ ]] && return 0
    done
    return 1
}

main() {
    local command=${1-help} root
    case $command in
        help | -h | --help)
            usage
            return
            ;;
    esac
    shift
    root=$(project_root "${BASH_SOURCE[0]}")
    cd -- "$root"
    [[ ! -f .env ]] || load_env .env
    case $command in
        downgrade) if has_target "$@"; then run downgrade "$@"; else run downgrade -1 "$@"; fi ;;
        stamp) if has_target "$@"; then run stamp "$@"; else run stamp head "$@"; fi ;;
        *) run "$command" "$@" ;;
    esac
}

main "$@"
