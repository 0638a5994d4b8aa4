package postgres_test

import (
	"testing"

	"github.com/litehaul/litehaul/internal/postgres"
)

func TestWithDatabase(t *testing.T) {
	t.Setenv("PGHOST", "elsewhere")
	t.Setenv("PGUSER", "eve")
	for _, target := range []string{
		"postgres://ann:p%2Fw@h:77/app?application_name=x", "postgresql://ann:p%2Fw@h:77/?dbname=app&application_name=x",
		"postgres:///app?host=h&port=77&user=ann&password=p%2Fw&database=other", "host=h port=77 user=ann password=p/w dbname=app",
		"host=h port=77 user=ann password='p/w' dbname = 'app' ",
	} {
		for _, name := range []string{"shop", "My Shop", `a/b?c#d%41`, `it's \ "x"`, "ü"} {
			got, err := postgres.ParseTarget(postgres.WithDatabase(target, name))
			if err != nil {
				t.Errorf("%s, %s: %v", target, name, err)
				continue
			}
			if got.Database() != name || got.Host() != "h" || got.User() != "ann" {
				t.Errorf("%s, %s: %s", target, name, got)
			}
		}
	}
	if got, err := postgres.ParseTarget(postgres.WithDatabase("", "shop")); err != nil || got.String() != "elsewhere:5432/shop as eve" {
		t.Errorf("the environment: %v, %v", got, err)
	}
}
