package rebuild

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
)

// Restore puts one item back and strikes it off the control table. It may be
// called again, and by several connections at once, for the same item and for
// others: what is back already is no error. A foreign key takes two
// transactions, so that the check of the rows (VALIDATE) keeps no writer waiting;
// settings hold in each.
func Restore(ctx context.Context, conn *pgx.Conn, item Item, settings ...Setting) error {
	for {
		var done bool
		err := again(ctx, []string{codeDeadlock}, func() error {
			return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
				var err error
				done, err = step(ctx, tx, item, settings)
				return err
			})
		})
		if errors.Is(err, errCleared) {
			return nil
		}
		if err != nil {
			return explain(item, err)
		}
		if done {
			return nil
		}
	}
}

// RestoreAll brings back as many of the items as can be, one after the other, and
// gives the names of those that are; err tells of the others.
func RestoreAll(ctx context.Context, conn *pgx.Conn, items []Item, settings ...Setting) (done []string, err error) {
	for _, item := range items {
		if e := Restore(ctx, conn, item, settings...); e != nil {
			err = errors.Join(err, e)
			continue
		}
		done = append(done, item.String())
	}
	return done, err
}

// step is one transaction of Restore.
func step(ctx context.Context, tx pgx.Tx, item Item, settings []Setting) (done bool, err error) {
	var path string
	if err := tx.QueryRow(ctx, "select current_setting('search_path')").Scan(&path); err != nil {
		return false, err
	}
	if err := catalog.Settle(ctx, tx); err != nil {
		return false, err
	}
	if err := apply(ctx, tx, settings); err != nil {
		return false, err
	}
	exists, err := trusted(ctx, tx, item.Schema)
	if err != nil {
		return false, err
	}
	if !exists {
		return true, nil // another one was quicker, and cleared up
	}
	i := Item{Schema: item.Schema, path: path}
	row := tx.QueryRow(ctx, "select "+itemColumns+" from only "+control(i.Schema)+" where id = $1 for update", item.ID)
	if err := row.Scan(i.dest()...); errors.Is(err, pgx.ErrNoRows) {
		return true, nil
	} else if err != nil {
		return false, cleared(err)
	}
	return i.putBack(ctx, tx)
}

// putBack runs the item's next statements and writes down that it did.
func (i *Item) putBack(ctx context.Context, tx pgx.Tx) (done bool, err error) {
	statements := []string{i.validate}
	if !i.Created {
		if statements, err = i.creation(ctx, tx); err != nil {
			return false, err
		}
	}
	if err := i.run(ctx, tx, statements); err != nil {
		return false, err
	}
	note := "delete from only " + control(i.Schema) + " where id = $1"
	done = i.Created || i.validate == ""
	if !done {
		note = "update only " + control(i.Schema) + " set created = true where id = $1"
	}
	_, err = tx.Exec(ctx, note, i.ID)
	return done, err
}

// creation gives Create, unless somebody has made the very same by hand, and
// what follows it.
func (i *Item) creation(ctx context.Context, tx pgx.Tx) ([]string, error) {
	stands, err := i.stands(ctx, tx)
	if err != nil || stands {
		return i.then, err
	}
	return append([]string{i.Create}, i.then...), nil
}

// run runs statements with the session's own search_path behind pg_catalog.
// They need none, but the bodies of functions in an index may. An index goes
// to its tablespace by default_tablespace, where "" is the database's own,
// whatever the role's settings are.
func (i *Item) run(ctx context.Context, tx pgx.Tx, statements []string) error {
	path := "pg_catalog"
	if i.path != "" {
		path += ", " + i.path
	}
	const settings = "select set_config('search_path', $1, true), set_config('default_tablespace', $2, true)"
	if _, err := tx.Exec(ctx, settings, path, i.tablespace); err != nil {
		return err
	}
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// standing finds the definition of an object by its name, in the words of
// Item.Create, and tells whether it is of use.
var standing = map[Kind]string{
	Index: `
select pg_get_indexdef(x.oid), i.indisvalid
from pg_class x join pg_namespace n on n.oid = x.relnamespace join pg_index i on i.indexrelid = x.oid
where n.nspname = $1 and $2::text <> '' and x.relname = $3`,
	ForeignKey: `
select format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)), true
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2 and k.conname = $3`,
}

// stands tells whether the object is there already. One of the same name that
// is defined otherwise is an error: neither is to be lost.
func (i *Item) stands(ctx context.Context, tx pgx.Tx) (bool, error) {
	query, ok := standing[i.Kind]
	if !ok {
		return false, nil // switching a trigger on twice does no harm
	}
	var def string
	var valid bool
	err := tx.QueryRow(ctx, query, i.Schema, i.Table, i.Name).Scan(&def, &valid)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	const notValid = " NOT VALID"
	if !valid || strings.TrimSuffix(def, notValid) != strings.TrimSuffix(i.Create, notValid) {
		return false, &Error{
			Err:  errors.New("an object of that name exists already with another definition"),
			Hint: "drop or rename that one, and run litehaul repair again",
		}
	}
	return true, nil
}

// explain names the item and, where a user can act, says how.
func explain(item Item, err error) error {
	wrapped := fmt.Errorf("put back %s: %w", item, err)
	var known *Error
	if errors.As(err, &known) {
		return &Error{Err: wrapped, Hint: known.Hint}
	}
	switch postgres.Code(err) {
	case codeNoTable, codeNoObject:
		return &Error{Err: wrapped, Hint: fmt.Sprintf("if it was dropped or renamed on purpose, strike it off: delete from %s where id = %d", control(item.Schema), item.ID)}
	case postgres.CodePrivilege:
		return &Error{Err: wrapped, Hint: "connect as the owner of the table"}
	case codeNotNow:
		return &Error{Err: wrapped, Hint: "something else holds the table: run litehaul repair when it is done"}
	case postgres.CodeUniqueViolation:
		return &Error{
			Err:  fmt.Errorf("put back %s: %s", item, postgres.Message(err)),
			Hint: "mend the rows that it names, then run litehaul repair",
		}
	case postgres.CodeForeignKey:
		return &Error{
			Err:  fmt.Errorf("%s stands again and holds for new rows, but is not valid: %s", item, postgres.Message(err)),
			Hint: "mend the rows that it names, then run litehaul repair",
		}
	}
	return wrapped
}

// Forget strikes an item off the control table without putting it back, for a
// table that is gone.
func Forget(ctx context.Context, conn *pgx.Conn, item Item) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		exists, err := trusted(ctx, tx, item.Schema)
		if err != nil || !exists {
			return err
		}
		_, err = tx.Exec(ctx, "delete from only "+control(item.Schema)+" where id = $1", item.ID)
		return cleared(err)
	})
	if err != nil && !errors.Is(err, errCleared) {
		return fmt.Errorf("forget %s: %w", item, err)
	}
	return nil
}
