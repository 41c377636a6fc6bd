#!/bin/sh
# An Apache Kafka broker on this machine, from Maven Central's jars, without Docker: KRaft mode, static voters, loopback
# only. For trying the cluster, for tests and for `make kafka`; the compose and Kubernetes files are for real use.
#
#   kafka.sh jars                        fetch the jars (once), as deploy/kafka/pom.xml pins them
#   kafka.sh start DATA_DIR [OPTION...]  start a broker and wait until it answers
#   kafka.sh hold DATA_DIR [OPTION...]   start it, print its address, and stop it when standard input ends: for tests
#   kafka.sh run DATA_DIR [OPTION...]    the same in the foreground: this process becomes the broker
#   kafka.sh wait DATA_DIR               wait until the broker of DATA_DIR answers
#   kafka.sh stop DATA_DIR               stop it and wait until it has ended
#   kafka.sh status DATA_DIR             print where it answers; status 1 when it does not run
#
# Options: --port N (9092)       --controller-port N (port + 1)   --node N (1)        --heap SIZE (512m)
#          --voters LIST         1@127.0.0.1:9093,2@... for more than one broker; internal topics get as many replicas
#          --no-wait             with start and hold: do not wait until it answers
#          --remove              with hold: leave nothing behind
#          --scram USER=PASSWORD make a SCRAM user when the data folder is made
#          --set KEY=VALUE       any broker setting; the last one counts
# A data folder that exists is used again as it is; the other options may change from start to start.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jars=${CAMI_KAFKA_JARS:-$(cd "$here/../.." && pwd)/.engines/kafka}
CLUSTER_ID=Y2FtaS1vbi1vbmUtaG9zdA # 16 bytes in base64: brokers of one cluster share it
WAIT_SECONDS=90

fail() {
    echo "kafka.sh: $*" >&2
    exit 1
}
need_java() {
    command -v java >/dev/null 2>&1 || fail "java is missing; Kafka needs Java 17 or newer (apt-get install default-jre-headless)"
    version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
    [ "${version:-0}" -ge 17 ] || fail "Kafka needs Java 17 or newer; this machine has Java ${version:-of an unknown version}"
}
fetch_jars() {
    wanted=$(cksum <"$here/pom.xml")
    [ "$(cat "$jars/.complete" 2>/dev/null)" = "$wanted" ] && return 0
    command -v mvn >/dev/null 2>&1 || fail "mvn is missing; it fetches Kafka's jars (apt-get install maven)"
    echo "Fetching Apache Kafka from Maven Central" >&2
    new="$jars.new.$$"
    rm -rf "$new"
    mvn -q -B -ntp -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$new" >&2 \
        || { rm -rf "$new"; fail "the jars could not be fetched; mvn has said why above"; }
    printf '%s\n' "$wanted" >"$new/.complete"
    if [ "$(cat "$jars/.complete" 2>/dev/null)" = "$wanted" ]; then # another start was faster
        rm -rf "$new"
        return 0
    fi
    rm -rf "$jars"
    mv "$new" "$jars"
}
pid_of() { # the process of a data folder, if it runs and is ours
    pid=$(cat "$1/kafka.pid" 2>/dev/null) || return 1
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
    case "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || echo kafka.Kafka)" in *kafka*) ;; *) return 1 ;; esac
    echo "$pid"
}
answers() { # it takes part in the cluster, and has said so since this start
    grep -q "Kafka Server started" "$1/kafka.log" 2>/dev/null
}

command=${1:-}
[ -n "$command" ] || { sed -n '2,20s/^# \{0,1\}//p' "$0" >&2; exit 2; }
shift
if [ "$command" = jars ]; then
    fetch_jars
    exit 0
fi
[ -n "${1:-}" ] || fail "$command needs a data folder"
mkdir -p "$1" || fail "the folder $1 cannot be made"
data=$(cd "$1" && pwd)
shift

port=9092 controller_port="" node=1 heap=512m voters="" wait=yes remove=no scram="" extra=""
read_options() {
    while [ $# -gt 0 ]; do
        case "$1" in
        --no-wait) wait=no; shift; continue ;;
        --remove) remove=yes; shift; continue ;;
        esac
        [ $# -ge 2 ] || fail "$1 needs a value"
        case "$1" in
        --port) port=$2 ;;
        --controller-port) controller_port=$2 ;;
        --node) node=$2 ;;
        --heap) heap=$2 ;;
        --voters) voters=$2 ;;
        --scram) scram=$2 ;;
        --set) extra="$extra$2
" ;;
        *) fail "there is no option $1" ;;
        esac
        shift 2
    done
}
read_options "$@"
controller_port=${controller_port:-$((port + 1))}
voters=${voters:-$node@127.0.0.1:$controller_port}
replicas=$(echo "$voters" | tr ',' '\n' | grep -c .)

write_settings() {
    cat >"$data/server.properties" <<END
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
log.dirs=$data/log
# A topic is made with the program's settings, or not at all.
auto.create.topics.enable=false
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=12
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$(((replicas + 1) / 2))
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$(((replicas + 1) / 2))
# The first member of a group does not wait for others that may come.
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=16777216
$extra
END
}
become_broker() {
    need_java
    fetch_jars
    running=$(pid_of "$data") && fail "a broker runs on $data already (process $running)"
    write_settings
    if [ ! -f "$data/log/meta.properties" ]; then
        java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dlog4j2.configurationFile="$here/log4j2.properties" \
            -Dcami.kafka.log="$data/format.log" -cp "$jars/*" kafka.tools.StorageTool format \
            --cluster-id "$CLUSTER_ID" --config "$data/server.properties" \
            ${scram:+--add-scram "SCRAM-SHA-256=[name=${scram%%=*},password=${scram#*=}]"} \
            >"$data/format.out" 2>&1 || { cat "$data/format.out" >&2; fail "the data folder $data could not be made"; }
    fi
    rm -f "$data/kafka.log"
    echo $$ >"$data/kafka.pid"
    echo "127.0.0.1:$port" >"$data/address"
    # shellcheck disable=SC2086  # options of the machine's own are a list
    exec java -Xms128m -Xmx"$heap" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
        -Dlog4j2.configurationFile="$here/log4j2.properties" -Dcami.kafka.log="$data/kafka.log" \
        ${CAMI_KAFKA_JVM:-} -cp "$jars/*" kafka.Kafka "$data/server.properties"
}
wait_for_it() { # wait_for_it PROCESS
    left=$((WAIT_SECONDS * 10))
    until answers "$data"; do
        kill -0 "$1" 2>/dev/null || { tail -n 20 "$data/kafka.log" "$data/out.log" 2>/dev/null >&2; fail "the broker has ended; its last lines are above"; }
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "the broker did not answer within $WAIT_SECONDS s; see $data/kafka.log"
        sleep 0.1
    done
}

case "$command" in
run)
    become_broker
    ;;
start)
    need_java
    fetch_jars
    running=$(pid_of "$data") && fail "a broker runs on $data already (process $running)"
    rm -f "$data/kafka.log"
    nohup sh "$0" run "$data" "$@" >"$data/out.log" 2>&1 </dev/null &
    started=$!
    [ "$wait" = no ] && exit 0
    wait_for_it "$started"
    echo "Apache Kafka answers on 127.0.0.1:$port"
    ;;
hold)
    sh "$0" start "$data" "$@" >/dev/null || exit 1
    echo "127.0.0.1:$port"
    cat >/dev/null # until whoever started this closes its end, or is killed
    if [ "$remove" = yes ]; then
        running=$(pid_of "$data") && kill -9 "$running"
        rm -rf "$data"
    else
        sh "$0" stop "$data" >/dev/null
    fi
    ;;
wait)
    left=$((WAIT_SECONDS * 10))
    until running=$(pid_of "$data"); do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "no broker runs on $data"
        sleep 0.1
    done
    wait_for_it "$running"
    ;;
stop)
    running=$(pid_of "$data") || { echo "No broker runs on $data"; exit 0; }
    kill "$running"
    left=300
    while kill -0 "$running" 2>/dev/null; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { kill -9 "$running" 2>/dev/null || true; break; }
        sleep 0.1
    done
    rm -f "$data/kafka.pid"
    echo "Apache Kafka has stopped"
    ;;
status)
    running=$(pid_of "$data") || { echo "No broker runs on $data"; exit 1; }
    answers "$data" || { echo "The broker on $data is starting (process $running)"; exit 1; }
    echo "Apache Kafka answers on $(cat "$data/address") (process $running)"
    ;;
*) fail "there is no command $command" ;;
esac
