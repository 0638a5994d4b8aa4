package syntax_test

import (
	"strings"
	"testing"
)

// documented are the keywords that https://sqlite.org/lang_keywords.html lists.
const documented = `ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE
	CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE
	DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL
	FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER
	INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF
	OFFSET ON OR ORDER OTHERS OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX
	RELEASE RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION
	TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT`

// TestKeywordsAsNames asks SQLite where each keyword can be a name.
func TestKeywordsAsNames(t *testing.T) {
	t.Parallel()
	db := openMemory(t)
	places := []string{
		"CREATE TABLE % (a)", "CREATE TABLE t (%)", "CREATE TABLE t (% TEXT, b)", "CREATE TABLE t (a %)", "CREATE TABLE t (a %, b)", "CREATE TABLE t (a x %, b)",
		"CREATE TABLE t (a DEFAULT %)", "CREATE TABLE t (a CONSTRAINT % UNIQUE)", "CREATE TABLE t (a REFERENCES %)", "CREATE TABLE t (a REFERENCES b (%))",
		"CREATE TABLE t (a COLLATE %)", "CREATE TABLE t (a, CONSTRAINT % UNIQUE (a))", "CREATE TABLE t (a, CHECK (% = 1))", "CREATE TABLE t (a, UNIQUE (%))",
		"CREATE TABLE t (a) %", "SELECT %", "SELECT %.a", "SELECT a.%", "SELECT % + 1", "SELECT 1 + %", "SELECT (%)", "SELECT %(1)", "SELECT 1 %",
		"SELECT 1 % FROM t", "SELECT 1 AS %", "SELECT * FROM %", "SELECT * FROM t %", "SELECT * FROM t AS %", "SELECT * FROM t % WHERE 1",
		"SELECT %.* FROM t", "SELECT * FROM t JOIN u USING (%)", "SELECT CAST(1 AS %)", "SELECT 1 COLLATE %", "SELECT 1 IN %", "SELECT 1 ORDER BY %",
		"SELECT 1 ORDER BY 1 %", "SELECT 1 LIMIT %", "SELECT f() %", "SELECT f() OVER %", "SELECT f() OVER (%)", "SELECT f() OVER (% ORDER BY 1)",
		"WITH % AS (SELECT 1) SELECT 2", "SELECT CASE % WHEN 1 THEN 2 END", "SELECT CASE WHEN 1 THEN % END", "SELECT CASE WHEN 1 THEN 2 ELSE % END",
		"SELECT 1 FROM t WINDOW % AS ()", "SELECT 1 % 2", "SELECT - %", "SELECT NOT %", "SELECT 1 IS %",
		"CREATE INDEX % ON t (a)", "CREATE INDEX i ON % (a)", "CREATE VIEW % AS SELECT 1", "CREATE VIEW v (%) AS SELECT 1", "CREATE VIRTUAL TABLE % USING x",
		"CREATE VIRTUAL TABLE t USING %",
	}
	agreed := 0
	for word := range strings.FieldsSeq(documented) {
		for _, place := range places {
			text := strings.ReplaceAll(place, "%", word)
			_, err := db.Exec("EXPLAIN " + text)
			parseErr := parseText(text)
			refused := err != nil && malformed.MatchString(err.Error())
			if err != nil && !refused && !strings.Contains(err.Error(), "no such") && parseErr != nil {
				continue // SQLite stopped for another reason
			}
			if refused != (parseErr != nil) {
				t.Errorf("%s\nSQLite: %v\nparser: %v", text, err, parseErr)
				continue
			}
			agreed++
		}
	}
	const atLeast = 8000
	if agreed < atLeast {
		t.Errorf("only %d texts tell anything", agreed)
	}
}
