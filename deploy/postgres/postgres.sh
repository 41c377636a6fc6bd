#!/bin/sh
# A PostgreSQL of our own for tests, `make postgres` and `make cluster`: from the binaries of this machine, on the
# loopback address alone, with a data folder and a port of its own. It touches no other cluster of this machine.
#   postgres.sh start DATA_DIR PORT        make the cluster if there is none, start it, answer when it is ready
#   postgres.sh stop DATA_DIR              end it; data stays
#   postgres.sh hold DATA_DIR PORT [remove]  start it; end it when standard input ends, and remove the data if told so
#   postgres.sh create-db DATA_DIR NAME... make databases; those that are there stay as they are
#   postgres.sh url DATA_DIR               the URL of its databases, with {service} for the service's name
#   postgres.sh status DATA_DIR            say whether it runs (exit status 0) or not
# PostgreSQL refuses to run as root: then the folder is given to the user `postgres`, or `nobody`, who must be able to
# reach it. POSTGRES_FSYNC=off (tests only) lets commits return before the disk has them: a killed server loses nothing
# by that, a power cut may. The password of the user `cami` lies in DATA_DIR/cami.password.
set -eu

usage() { sed -n '4,9s/^# */usage: /p' "$0" >&2; exit 2; }
die() { echo "postgres.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || usage
action=$1
data=$2
shift 2
case "$data" in /*) ;; *) data=$PWD/$data ;; esac
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
cd /   # the user it runs as may not be allowed where we stand

# The newest binaries of Debian's folders, else what is in PATH. Links in PATH lead to the real folder, where psql is too.
bin=""
for folder in /usr/lib/postgresql/*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && bin=$folder
done
if [ -z "$bin" ] && command -v initdb >/dev/null 2>&1 && command -v pg_ctl >/dev/null 2>&1; then
    bin=$(dirname "$(command -v pg_ctl)")
fi
[ -n "$bin" ] || die "there is no PostgreSQL on this machine (apt-get install postgresql)"

as_owner() { # run a command as the user that the server belongs to
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif command -v runuser >/dev/null 2>&1; then
        runuser -u "$owner" -- "$@"
    else
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- "$@"
    fi
}
owner=$(id -un)
if [ "$owner" = root ]; then
    owner=nobody
    id postgres >/dev/null 2>&1 && owner=postgres
fi

runs() { as_owner "$bin/pg_ctl" status -D "$data" >/dev/null 2>&1; }
port_of() { sed -n 4p "$data/postmaster.pid"; }
password() { cat "$data/cami.password"; }

make_cluster() {
    [ -f "$data/PG_VERSION" ] && return 0
    mkdir -p "$data"
    chmod 700 "$data"
    if [ "$(id -u)" = 0 ]; then chown "$owner" "$data"; fi
    as_owner test -w "$data" || die "the user $owner cannot reach $data; name a folder that it can"
    word=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    # initdb wants an empty folder, so the password waits outside of it. The collation C sorts as SQLite does.
    file=$(mktemp)
    printf '%s\n' "$word" >"$file"
    if [ "$(id -u)" = 0 ]; then chown "$owner" "$file"; fi
    as_owner "$bin/initdb" -D "$data" --username=cami --pwfile="$file" --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C --no-instructions --no-sync >/dev/null || { rm -f "$file"; die "initdb failed"; }
    # shellcheck disable=SC2016  # expanded by the inner shell
    as_owner sh -c 'umask 077; cat "$1" >"$2/cami.password"' sh "$file" "$data"
    rm -f "$file"
}

start() { # start PORT
    make_cluster
    if runs; then
        [ "$(port_of)" = "$1" ] || die "it runs already on port $(port_of)"
        return 0
    fi
    options="-c listen_addresses=127.0.0.1 -c port=$1 -c unix_socket_directories= -c max_connections=300"
    options="$options -c fsync=${POSTGRES_FSYNC:-on} -c log_min_messages=warning"
    as_owner "$bin/pg_ctl" start -D "$data" -l "$data/server.log" -w -t 60 -o "$options" >/dev/null </dev/null \
        || { as_owner tail -n 3 "$data/server.log" >&2; die "it did not start on port $1"; }
}
stop() {
    runs || return 0
    as_owner "$bin/pg_ctl" stop -D "$data" -m fast -w -t 60 >/dev/null
}
url() { echo "postgresql+psycopg://cami:$(password)@127.0.0.1:$(port_of)/cami_{service}"; }

case "$action" in
    start) [ $# -eq 1 ] || usage; start "$1"; url ;;
    stop) stop ;;
    status) runs ;;
    url) runs || die "it does not run"; url ;;
    hold)
        [ $# -ge 1 ] || usage
        trap '' INT TERM HUP  # whoever holds it closes our standard input, also by dying
        start "$1"
        url
        while read -r _; do :; done
        stop
        if [ "${2:-}" = remove ]; then rm -rf "$data"; rmdir "$(dirname "$data")" 2>/dev/null || true; fi
        ;;
    create-db)
        runs || die "it does not run; start it first: sh $self start $data PORT"
        PGPASSWORD=$(password)
        export PGPASSWORD
        for name in "$@"; do
            query() { "$bin/psql" -h 127.0.0.1 -p "$(port_of)" -U cami -d postgres -qAt -v name="$name"; }
            found=$(echo "SELECT 1 FROM pg_database WHERE datname = :'name'" | query)
            [ -n "$found" ] || echo 'CREATE DATABASE :"name" TEMPLATE template0' | query
        done
        ;;
    *) usage ;;
esac
