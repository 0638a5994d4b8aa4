package syntax_test

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// mutants are texts whose tokens are dropped, doubled and swapped, to find
// where SQLite's grammar and this package's part.
var mutants = []string{
	"CREATE TABLE IF NOT EXISTS main . t ( a INTEGER NOT NULL ON CONFLICT FAIL PRIMARY KEY DESC ON CONFLICT ABORT , b VARCHAR ( 10 , -2 ) DEFAULT -5 COLLATE nocase UNIQUE , CONSTRAINT x CHECK ( a > 0 ) , UNIQUE ( a , b DESC ) ON CONFLICT IGNORE )",
	"CREATE TABLE t ( a INTEGER PRIMARY KEY AUTOINCREMENT , b ANY REFERENCES u ( x ) ON DELETE SET NULL ON UPDATE NO ACTION MATCH FULL NOT DEFERRABLE INITIALLY DEFERRED , c INT AS ( a + 1 ) STORED , d INT GENERATED ALWAYS AS ( a ) VIRTUAL , FOREIGN KEY ( a , b ) REFERENCES v ON INSERT CASCADE DEFERRABLE ) STRICT ;",
	"CREATE TABLE t ( a integer , 'b' \"type\" NULL DEFAULT ( 1 + 2 ) , [c] DEFAULT foo CONSTRAINT k CONSTRAINT l CHECK ( b ) , PRIMARY KEY ( a AUTOINCREMENT ) CHECK ( a ) CONSTRAINT z )",
	"CREATE UNIQUE INDEX IF NOT EXISTS main . i ON no_table ( name COLLATE nocase DESC , lower ( sql ) ASC ) WHERE name IS NOT NULL AND type = 'x'",
	"CREATE VIEW IF NOT EXISTS v ( a , b ) AS SELECT 1 , 2 UNION ALL SELECT * FROM w ORDER BY 1 LIMIT 5",
	"CREATE TRIGGER IF NOT EXISTS r INSTEAD OF UPDATE OF a , b ON main . t BEGIN SELECT 1 ; END",
	"CREATE VIRTUAL TABLE IF NOT EXISTS main . f USING fts5 ( a , b , tokenize = 'x y' , ( c , d ) )",
	"SELECT DISTINCT t . * , a + b AS 'x' , * , count ( * ) FILTER ( WHERE a ) OVER w y FROM main . t AS u LEFT OUTER JOIN ( v , w ) ON a = b NATURAL JOIN f ( 1 , 2 ) AS g WHERE x IN ( 1 , 2 ) GROUP BY a , b HAVING c WINDOW w AS ( PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES ) ORDER BY 1 DESC NULLS LAST LIMIT 1 OFFSET 2",
	"WITH RECURSIVE a ( x , y ) AS NOT MATERIALIZED ( VALUES ( 1 , 2 ) , ( 3 , 4 ) ) , b AS ( SELECT 1 ) SELECT * FROM a CROSS JOIN b USING ( x ) , t INDEXED BY i UNION SELECT 1 EXCEPT VALUES ( 1 )",
	"SELECT a BETWEEN b AND c OR d NOT LIKE e ESCAPE f AND NOT g IS NOT DISTINCT FROM h , CASE a WHEN 1 THEN 2 ELSE 3 END , CAST ( a AS VARCHAR ( 5 ) ) COLLATE x , ( 1 , 2 ) IN ( SELECT 1 , 2 ) , EXISTS ( SELECT 1 ) , a NOT NULL , - ~ b ISNULL , a NOT IN main . t",
	"SELECT f ( DISTINCT a , b ORDER BY c DESC ) , left ( a ) , replace ( x , y ) , row , window , over , filter , indexed . a , 't' . \"c\" , ? , :a , x'00' , 1e5 , current_time , raise ( ABORT , 'x' ) , a -> b ->> c",
	"CREATE TABLE t ( a INT PRIMARY KEY , b ) WITHOUT ROWID",
	"CREATE TABLE t ( a CONSTRAINT x NOT NULL , b DEFAULT - 1 , UNIQUE ( b ) CHECK ( a ) )",
	"CREATE TABLE t ( a REFERENCES u ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED )",
	"CREATE TABLE t ( a INT GENERATED ALWAYS AS ( b ) , b )",
	"SELECT a b FROM t u JOIN v ON c",
	"SELECT a FROM t LEFT JOIN u USING ( a )",
	"SELECT a FROM ( t , u ) v , ( SELECT 1 ) AS w",
	"SELECT a IN ( 1 ) NOT NULL",
	"SELECT NOT a BETWEEN b AND c",
	"SELECT a LIKE b ESCAPE c",
	"SELECT a IS NOT b COLLATE c",
	"SELECT CASE a WHEN b THEN c END",
	"SELECT f ( a ) OVER ( b ORDER BY c )",
	"SELECT f ( * ) FILTER ( WHERE a ) OVER w",
	"SELECT f ( a ) OVER ( ROWS 1 PRECEDING )",
	"SELECT a , t . * FROM t WINDOW w AS ( )",
	"VALUES ( 1 ) UNION SELECT 2 LIMIT 1 , 2",
	"WITH a AS ( SELECT 1 ) SELECT - + ~ 2",
}

// extras are tokens put into mutants.
var extras = strings.Fields(`( ) , . * + - || = < -> 1 2.5 'str' "quoted" [br] x'ab' ? :v ident NOT NULL AND OR AS ON IN IS LIKE MATCH
	BETWEEN ESCAPE CASE WHEN THEN ELSE END CAST COLLATE EXISTS SELECT VALUES FROM WHERE GROUP BY ORDER LIMIT OFFSET UNION ALL DISTINCT
	JOIN LEFT NATURAL INNER CROSS USING INDEXED WITH RECURSIVE MATERIALIZED OVER FILTER WINDOW PARTITION ROWS RANGE UNBOUNDED CURRENT ROW PRECEDING
	PRIMARY KEY UNIQUE CHECK REFERENCES FOREIGN DEFAULT GENERATED ALWAYS DEFERRABLE INITIALLY DEFERRED CONSTRAINT AUTOINCREMENT CONFLICT
	WITHOUT ROWID STRICT ASC DESC NULLS FIRST IF TEMP TABLE VIEW TRIGGER REPLACE RAISE IGNORE NO ACTION SET CASCADE CURRENT_DATE BEGIN TRUE`)

// mutate gives a text with one or two of its tokens changed.
func mutate(r *rand.Rand, text string) string {
	tokens := strings.Fields(text)
	for range 1 + r.IntN(4)/3 {
		i, j := r.IntN(len(tokens)), r.IntN(len(tokens))
		switch r.IntN(5) {
		case 0:
			tokens = append(tokens[:i:i], tokens[i+1:]...)
		case 1:
			tokens = append(tokens[:i:i], append([]string{tokens[i]}, tokens[i:]...)...)
		case 2:
			tokens[i], tokens[j] = tokens[j], tokens[i]
		case 3:
			tokens[i] = extras[r.IntN(len(extras))]
		case 4:
			tokens = append(tokens[:i:i], append([]string{extras[r.IntN(len(extras))]}, tokens[i:]...)...)
		}
	}
	return strings.Join(tokens, " ")
}

var (
	// malformed are the errors by which SQLite's parser refuses a text.
	malformed = regexp.MustCompile(`syntax error|unrecognized token|incomplete input`)
	// meaning are errors that SQLite finds only once it has read the text.
	meaning = regexp.MustCompile(`no such (table|column|function)|wrong number of arguments|misuse|circularly|` +
		`different number of result|table .* has|no tables specified|cannot use window functions|parameters are not allowed`)
	// strict are errors of SQLite's that this package makes, too.
	strict = regexp.MustCompile(`unknown table option|unknown join type|clause should come after|JOIN clause is required`)
)

func parseText(text string) error {
	words := strings.Fields(strings.ToUpper(text) + " . . .")
	if words[0] != "CREATE" {
		_, err := syntax.ParseSelect(text)
		return err
	}
	typ := words[1]
	if typ == "TEMP" || typ == "UNIQUE" {
		typ = words[2]
	}
	_, err := parseAny(object{typ: strings.ToLower(typ), sql: text})
	return err
}

func TestRefusesWhatSQLiteRefuses(t *testing.T) {
	t.Parallel()
	db := openMemory(t)
	r := rand.New(rand.NewPCG(1, 2)) // the same mutants each time
	const each = 800
	accepted, refused := 0, 0
	for _, seed := range mutants {
		for range each {
			text := mutate(r, seed)
			_, err := db.Exec("EXPLAIN " + text)
			parseErr := parseText(text)
			var syntaxErr *syntax.SyntaxError
			if parseErr != nil && !errors.As(parseErr, &syntaxErr) {
				t.Fatalf("%s: %T", text, parseErr)
			}
			switch {
			case err == nil || meaning.MatchString(err.Error()):
				accepted++
				if parseErr != nil {
					t.Errorf("SQLite reads it (%v), the parser: %v\n%s", err, parseErr, text)
				}
			case malformed.MatchString(err.Error()) && !strings.Contains(seed, "TRIGGER"):
				refused++
				if parseErr == nil {
					t.Errorf("SQLite: %v, the parser reads it\n%s", err, text)
				}
			case strict.MatchString(err.Error()) && parseErr == nil:
				t.Errorf("SQLite: %v, the parser reads it\n%s", err, text)
			}
		}
	}
	t.Logf("%d accepted, %d refused", accepted, refused)
	if accepted < each || refused < each {
		t.Error("too few mutants tell anything")
	}
}
