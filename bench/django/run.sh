#!/bin/sh
# Measures litehaul against Django's own dumpdata and loaddata, into the tables
# that a Django application made.
#
#     bench/django/run.sh TWIN [LAPS]
#
# TWIN is a folder with source.sqlite3, target.sql (the application's schema with
# its seed rows) and src/ (the application itself). Needs go, psql, Debian's
# python3-django and python3-psycopg2, sqlite3, and a server's programs in PGBIN. A server
# of its own runs in a temporary folder and goes away at the end. Django moves the
# 20,626 rows as they are: eight times as many would take it as much longer.
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
# Django's own way does not get all values across: those it is spared.
cp "$work/small.sqlite3" "$work/easy.sqlite3"
sqlite3 "$work/easy.sqlite3" "UPDATE shop_product SET attrs = '{}' WHERE attrs = 'null'" # it makes NULL of JSON's null
small=$(python3 "$here/enlarge.py" "$work/small.sqlite3" "$work/same.sqlite3" 0)
large=$(python3 "$here/enlarge.py" "$work/small.sqlite3" "$work/large.sqlite3" 8)
(cd "$here/../.." && go build -o "$work/litehaul" ./cmd/litehaul)

fresh() { # an application that has just made its tables
	dropdb --if-exists app 2>/dev/null
	createdb app
	psql -qX -v ON_ERROR_STOP=1 -d app -f "$twin/target.sql" >/dev/null
}
clock() { date +%s.%N; }
lap() { # NAME ROWS COMMAND...: one lap, into the list of NAME
	name=$1 rows=$2
	shift 2
	fresh
	start=$(clock)
	"$@" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
	echo "$start $(clock) $rows" >>"$work/$name.laps"
}
tell() { # NAME: the median
	python3 - "$work/$1.laps" "$1" <<-'END'
		import statistics, sys
		laps = [list(map(float, line.split())) for line in open(sys.argv[1])]
		took, rows = sorted(b - a for a, b, _ in laps), laps[0][2]
		m = statistics.median(took)
		print(f"{sys.argv[2]}: {rows:.0f} rows in {m:.2f} s ({took[0]:.2f} to {took[-1]:.2f}), {rows / m:.0f} rows/s")
	END
}
haul() { "$work/litehaul" migrate "$1" "dbname=app" --into existing --on-data truncate --yes --progress none --verify "$2"; }
django() {
	(
		cd "$work/src"
		SQLITE="$work/easy.sqlite3" "$PYTHON" manage.py dumpdata --natural-foreign -e contenttypes -e auth.permission -o "$work/dump.json"
		DB_HOST=$PGHOST DB_PORT=$PGPORT DB_USER=$PGUSER DB_NAME=app "$PYTHON" manage.py loaddata "$work/dump.json"
	)
}
uptime
for _ in $(seq "$laps"); do # in turns, so that what else the machine does meets all
	lap verify-full "$large" haul "$work/large.sqlite3" full
	lap verify-counts "$large" haul "$work/large.sqlite3" counts
	lap loaddata "$small" django
done
tell verify-full
tell verify-counts
tell loaddata
uptime
