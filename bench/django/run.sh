#!/bin/sh
# Measures litehaul against Django's own dumpdata and loaddata, into the tables
# that a Django application made.
#
#     bench/django/run.sh TWIN [LAPS]
#
# TWIN is a folder with source.sqlite3, target.sql (the application's schema with
# its seed rows) and src/ (the application itself). Needs go, psql, Debian's
# python3-django and python3-psycopg2, and a server's programs in PGBIN. A server
# of its own runs in a temporary folder and goes away at the end. Django moves the
# 20,605 rows as they are: eight times as many would take it as much longer.
set -eu
twin=$(readlink -f "$1")
laps=${2:-5}
here=$(dirname "$(readlink -f "$0")")
PYTHON=${PYTHON:-/usr/bin/python3}
PGBIN=${PGBIN:-/usr/lib/postgresql/15/bin}
work=$(mktemp -d)
chmod 755 "$work"
as=""
if [ "$(id -u)" = 0 ]; then
	as="setpriv --reuid=postgres --regid=postgres --clear-groups"
	chown postgres "$work"
fi
export PGHOST="$work" PGPORT=54399 PGUSER=postgres PYTHONDONTWRITEBYTECODE=1
stop() {
	$as "$PGBIN/pg_ctl" -D "$work/data" -m immediate stop >"$work/stop.log" 2>&1 || cat "$work/stop.log"
	rm -rf "$work"
}
trap stop EXIT
(
	cd "$work"
	$as "$PGBIN/initdb" -D data -A trust -U postgres --locale=C.UTF-8 >/dev/null
	$as "$PGBIN/pg_ctl" -D data -w -l "$work/log" -o "-k $work -p $PGPORT -c listen_addresses= -c fsync=off -c shared_buffers=1GB -c max_wal_size=8GB" start >/dev/null
)
cp -r "$twin/src" "$work/src"
cp "$twin/source.sqlite3" "$work/small.sqlite3"
chmod -R u+w "$work/src" "$work/small.sqlite3"
small=$(python3 "$here/enlarge.py" "$work/small.sqlite3" "$work/same.sqlite3" 0)
large=$(python3 "$here/enlarge.py" "$work/small.sqlite3" "$work/large.sqlite3" 8)
(cd "$here/../.." && go build -o "$work/litehaul" ./cmd/litehaul)

fresh() { # an application that has just made its tables
	dropdb --if-exists app 2>/dev/null
	createdb app
	psql -qX -v ON_ERROR_STOP=1 -d app -f "$twin/target.sql" >/dev/null
}
clock() { date +%s.%N; }
took() { # NAME ROWS SECONDS...: the median
	printf '%s\n' "$@" | python3 -c '
import statistics, sys
name, rows, *laps = sys.stdin.read().split("\n")[:-1]
laps = sorted(map(float, laps)); m = statistics.median(laps)
print(f"{name}: {int(rows)} rows in {m:.2f} s ({laps[0]:.2f} to {laps[-1]:.2f}), {int(rows)/m:.0f} rows/s")'
}
measure() { # NAME ROWS COMMAND...
	name=$1 rows=$2
	shift 2
	list=""
	for _ in $(seq "$laps"); do
		fresh
		start=$(clock)
		"$@" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
		list="$list $(python3 -c "print($(clock) - $start)")"
	done
	# shellcheck disable=SC2086 # one word a lap
	took "$name" "$rows" $list
}
haul() { "$work/litehaul" migrate "$1" "dbname=app" --into existing --on-data truncate --yes --progress none --verify "$2"; }
django() {
	(
		cd "$work/src"
		SQLITE="$work/small.sqlite3" "$PYTHON" manage.py dumpdata --natural-foreign -e contenttypes -e auth.permission -o "$work/dump.json"
		DB_HOST=$PGHOST DB_PORT=$PGPORT DB_USER=$PGUSER DB_NAME=app "$PYTHON" manage.py loaddata "$work/dump.json"
	)
}
uptime
measure "litehaul --verify=full" "$large" haul "$work/large.sqlite3" full
measure "litehaul --verify=counts" "$large" haul "$work/large.sqlite3" counts
measure "dumpdata and loaddata" "$small" django
uptime
