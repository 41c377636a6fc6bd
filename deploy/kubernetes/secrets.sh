#!/bin/sh
# Prints the Secrets that only you can make, with new random values; once, before the first `kubectl apply -k`:
#   sh deploy/kubernetes/secrets.sh | kubectl --namespace cami create -f -
# `create` leaves those alone that are there already. Kafka's passwords and both authorities are made by the operators.
# What it cannot invent: `cami-tls` (the certificate) and `cami-backups` (the key of your object store).
set -eu

word() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

cat <<END
apiVersion: v1
kind: Secret
metadata: {name: cami-session-key}
type: Opaque
stringData: {key: $(word)}
END
for service in accounts projects donors matching reports; do
    cat <<END
---
apiVersion: v1
kind: Secret
metadata:
  name: cami-$service-database
  labels: {cnpg.io/reload: "true"}
type: kubernetes.io/basic-auth
stringData: {username: cami_$service, password: $(word)}
END
done
