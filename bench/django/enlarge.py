"""Repeat the rows of the Django shop's database under new keys.

    enlarge.py SOURCE TARGET COPIES

TARGET becomes SOURCE with the rows of the shop's large tables COPIES times more.
Keys and references of each copy are shifted together, unique texts get a suffix,
so that every constraint of the application's own schema holds.
"""

import shutil
import sqlite3
import sys

TABLES = (
    "shop_customer shop_category shop_product shop_digitalproduct shop_order shop_orderitem shop_product_related"
    " shop_product_tags shop_review shop_stock shop_attachment shop_measurement django_admin_log"
).split()
STEP = 100_000  # more than any key
SUFFIX = {"email", "sku", "title"}
UNSHARED = {("shop_customer", "user_id")}  # one to one with a table that is not repeated


def expression(table, name, declared, key, references):
    column = f'"{name}"'
    if (table, name) in UNSHARED:
        return "NULL"
    if declared == "char(32)" and (key or references or name.endswith("key")):
        return f"printf('%06x', :k) || substr({column}, 7)"
    if key or references:
        return f"{column} + :k * {STEP}"
    if name in SUFFIX:
        return f"{column} || '-' || :k"
    return column


def main(source, target, copies):
    shutil.copyfile(source, target)
    db = sqlite3.connect(target)
    for table in TABLES:
        repeated = {fk[3] for fk in db.execute(f'PRAGMA foreign_key_list("{table}")') if fk[2] in TABLES}
        columns = db.execute(f'PRAGMA table_info("{table}")').fetchall()
        names = ", ".join(f'"{c[1]}"' for c in columns)
        values = ", ".join(expression(table, c[1], c[2], c[5] > 0, c[1] in repeated) for c in columns)
        last = db.execute(f'SELECT max(rowid) FROM "{table}"').fetchone()[0]
        for k in range(1, copies + 1):
            db.execute(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" WHERE rowid <= :last', {"k": k, "last": last})
    db.commit()
    broken = db.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        sys.exit(f"rows without a parent: {broken[:5]}")
    print(sum(db.execute(f'SELECT count(*) FROM "{t[0]}"').fetchone()[0] for t in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
