#!/bin/sh
# Runs `cami` for all services at once: their passwords become a file as PostgreSQL's client library reads it.
#   maintenance.sh nightly         a backup with the day in its name; the newest fourteen are kept
#   maintenance.sh COMMAND...      anything else that cami can do: `restore /backups/FILE --replace`
set -eu
passwords=${CAMI_PASSWORDS:-/run/passwords}
backups=${CAMI_BACKUPS:-/backups}

umask 077
PGPASSFILE=$(mktemp)
export PGPASSFILE
for file in "$passwords"/*; do
    service=${file##*/}
    printf '*:*:cami_%s:cami_%s:%s\n' "$service" "$service" "$(cat "$file")"
done >"$PGPASSFILE"

if [ "${1:-}" = nightly ]; then
    cami backup "$backups/cami-$(date -u +%Y%m%dT%H%M%SZ).zip"
    # The names sort by their time.
    find "$backups" -name 'cami-*.zip' | sort -r | tail -n +15 | while read -r old; do rm -f "$old"; done
    exit 0
fi
exec cami "$@"
