#!/bin/sh
# Makes, at the first start and never again, the key that signs sessions and the passwords of the databases, into the
# volume `keys` alone: they stand in no file of this repository, in no environment and in no log.
#   secret.key         signs sessions; the services find it in their data folder
#   pgpass             the services' passwords, as PostgreSQL's own client library reads them
#   roles, superuser   what PostgreSQL is set up with (deploy/compose/databases.sh); it runs as another user, so these
#                      two may be read by everybody who has the volume
set -eu
folder=${1:-/keys}
host=${2:-postgres}
services="accounts projects donors matching reports"

word() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

umask 077
if [ ! -s "$folder/superuser" ]; then
    : >"$folder/roles.new"
    : >"$folder/pgpass.new"
    for service in $services; do
        password=$(word)
        echo "cami_$service $password" >>"$folder/roles.new"
        echo "$host:5432:cami_$service:cami_$service:$password" >>"$folder/pgpass.new"
    done
    word >"$folder/superuser.new"
    chmod 444 "$folder/roles.new" "$folder/superuser.new"
    mv -f "$folder/pgpass.new" "$folder/pgpass"
    mv -f "$folder/roles.new" "$folder/roles"
    mv -f "$folder/superuser.new" "$folder/superuser" # last: whoever finds it finds all of them
fi
if [ ! -s "$folder/secret.key" ]; then
    word >"$folder/secret.key.new"
    mv -f "$folder/secret.key.new" "$folder/secret.key"
fi
