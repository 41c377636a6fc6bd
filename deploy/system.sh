#!/bin/sh
# Checks that the libraries and fonts which no Python package can bring are on this machine. As root on Debian or Ubuntu
# it installs what is missing; for anybody else it prints the exact command. Nothing else needs root.
#   deploy/system.sh run     what the program needs
#   deploy/system.sh cluster that, and the engines and the front door of `make cluster`
#   deploy/system.sh test    all of it, and what the tests need besides
set -u
purpose=${1:-run}
missing=""

library() { # library NAME PACKAGE: is a shared library of that name known to the loader?
    found=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -c "$1") || found=0
    [ "$found" -gt 0 ] || missing="$missing $2"
}
font() { # font FAMILY PACKAGE
    if command -v fc-list >/dev/null 2>&1; then
        fc-list : family | grep -qi "$1" || missing="$missing $2"
    else
        missing="$missing fontconfig $2"
    fi
}
program() { # program NAME PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

if [ "$(uname -s)" = Linux ]; then
    library libpango-1.0.so.0 libpango-1.0-0
    library libpangoft2-1.0.so.0 libpangoft2-1.0-0
    library libharfbuzz-subset.so.0 libharfbuzz-subset0
    font "Noto Serif" fonts-noto-core
    if [ "$purpose" = test ] || [ "$purpose" = cluster ]; then
        program java default-jre-headless # for Apache Kafka, which maven fetches
        program mvn maven
        [ -x /usr/sbin/nginx ] || program nginx nginx-light # Debian keeps it where only root's PATH leads
        # Debian keeps the server out of PATH. Its package starts a cluster of its own, which nothing of ours touches.
        ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || program initdb postgresql
    fi
    if [ "$purpose" = test ]; then
        program chromium chromium
        program pdftoppm poppler-utils
        program kcat kcat
    fi
fi

[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing system packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # the list is meant to be split
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null && exit 0
    echo "The packages could not be installed; the messages above say why." >&2
    exit 1
fi
echo "This machine lacks libraries, fonts or programs. Install them once:" >&2
echo "    sudo apt-get update && sudo apt-get install -y$missing" >&2
echo "then run the same make command again." >&2
# Fonts have a fallback (DejaVu) and tests skip what is missing; the libraries are vital to the program, and a cluster
# needs all of its parts.
[ "$purpose" = cluster ] && case "$missing" in *jre* | *maven* | *nginx* | *postgresql*) exit 1 ;; esac
case "$missing" in *libpango* | *libharfbuzz*) exit 1 ;; esac
exit 0
