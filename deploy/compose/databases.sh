#!/bin/sh
# One role and one database for each service, made once by PostgreSQL's image when its data folder is new.
# Each role owns its own database and may not even connect to another's. The collation C sorts as SQLite does.
set -eu
roles=${CAMI_ROLES_FILE:-/run/keys/roles}

while read -r name password; do
    psql --no-psqlrc --set ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        --set name="$name" --set password="$password" <<'END'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
END
done <"$roles"
