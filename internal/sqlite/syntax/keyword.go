package syntax

// longestKeyword is the length of CURRENT_TIMESTAMP.
const longestKeyword = 17

// keywordKind gives the kind of a word without quotes.
func keywordKind(word string) kind {
	if len(word) < 2 || len(word) > longestKeyword {
		return tkIdent
	}
	var upper [longestKeyword]byte
	for i := range len(word) {
		c := word[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	// The zero kind, tkEOF, stands for "no keyword".
	if k := keywords[string(upper[:len(word)])]; k != tkEOF {
		return k
	}
	return tkIdent
}

// keywords holds all keywords of SQLite 3.53 ("SQLite Keywords",
// https://sqlite.org/lang_keywords.html).
var keywords = map[string]kind{
	"ABORT": kwAbort, "ACTION": kwAction, "ADD": kwOtherReserved, "AFTER": kwAfter,
	"ALL": kwAll, "ALTER": kwOtherReserved, "ALWAYS": kwAlways, "ANALYZE": kwOtherID,
	"AND": kwAnd, "AS": kwAs, "ASC": kwAsc, "ATTACH": kwOtherID,
	"AUTOINCREMENT": kwAutoincrement, "BEFORE": kwBefore, "BEGIN": kwOtherID,
	"BETWEEN": kwBetween, "BY": kwBy, "CASCADE": kwCascade, "CASE": kwCase,
	"CAST": kwCast, "CHECK": kwCheck, "COLLATE": kwCollate, "COLUMN": kwOtherID,
	"COMMIT": kwOtherReserved, "CONFLICT": kwConflict, "CONSTRAINT": kwConstraint,
	"CREATE": kwCreate, "CROSS": kwJoinWord, "CURRENT": kwCurrent,
	"CURRENT_DATE": kwCurrentDate, "CURRENT_TIME": kwCurrentTime,
	"CURRENT_TIMESTAMP": kwCurrentTimestamp, "DATABASE": kwOtherID,
	"DEFAULT": kwDefault, "DEFERRABLE": kwDeferrable, "DEFERRED": kwDeferred,
	"DELETE": kwDelete, "DESC": kwDesc, "DETACH": kwOtherID, "DISTINCT": kwDistinct,
	"DO": kwOtherID, "DROP": kwOtherReserved, "EACH": kwOtherID, "ELSE": kwElse,
	"END": kwEnd, "ESCAPE": kwEscape, "EXCEPT": kwExcept, "EXCLUDE": kwExclude,
	"EXCLUSIVE": kwOtherID, "EXISTS": kwExists, "EXPLAIN": kwOtherID, "FAIL": kwFail,
	"FILTER": kwFilter, "FIRST": kwFirst, "FOLLOWING": kwFollowing, "FOR": kwOtherID,
	"FOREIGN": kwForeign, "FROM": kwFrom, "FULL": kwJoinWord,
	"GENERATED": kwGenerated, "GLOB": kwLike, "GROUP": kwGroup, "GROUPS": kwGroups,
	"HAVING": kwHaving, "IF": kwIf, "IGNORE": kwIgnore, "IMMEDIATE": kwImmediate,
	"IN": kwIn, "INDEX": kwIndex, "INDEXED": kwIndexed, "INITIALLY": kwInitially,
	"INNER": kwJoinWord, "INSERT": kwInsert, "INSTEAD": kwInstead,
	"INTERSECT": kwIntersect, "INTO": kwOtherReserved, "IS": kwIs,
	"ISNULL": kwIsnull, "JOIN": kwJoin, "KEY": kwKey, "LAST": kwLast,
	"LEFT": kwJoinWord, "LIKE": kwLike, "LIMIT": kwLimit, "MATCH": kwMatch,
	"MATERIALIZED": kwMaterialized, "NATURAL": kwJoinWord, "NO": kwNo, "NOT": kwNot,
	"NOTHING": kwOtherReserved, "NOTNULL": kwNotnull, "NULL": kwNull,
	"NULLS": kwNulls, "OF": kwOf, "OFFSET": kwOffset, "ON": kwOn, "OR": kwOr,
	"ORDER": kwOrder, "OTHERS": kwOthers, "OUTER": kwJoinWord, "OVER": kwOver,
	"PARTITION": kwPartition, "PLAN": kwOtherID, "PRAGMA": kwOtherID,
	"PRECEDING": kwPreceding, "PRIMARY": kwPrimary, "QUERY": kwOtherID,
	"RAISE": kwRaise, "RANGE": kwRange, "RECURSIVE": kwRecursive,
	"REFERENCES": kwReferences, "REGEXP": kwLike, "REINDEX": kwOtherID,
	"RELEASE": kwOtherID, "RENAME": kwOtherID, "REPLACE": kwReplace,
	"RESTRICT": kwRestrict, "RETURNING": kwOtherReserved, "RIGHT": kwJoinWord,
	"ROLLBACK": kwRollback, "ROW": kwRow, "ROWS": kwRows, "SAVEPOINT": kwOtherID,
	"SELECT": kwSelect, "SET": kwSet, "TABLE": kwTable, "TEMP": kwTemp,
	"TEMPORARY": kwTemp, "THEN": kwThen, "TIES": kwTies, "TO": kwOtherReserved,
	"TRANSACTION": kwOtherReserved, "TRIGGER": kwTrigger, "UNBOUNDED": kwUnbounded,
	"UNION": kwUnion, "UNIQUE": kwUnique, "UPDATE": kwUpdate, "USING": kwUsing,
	"VACUUM": kwOtherID, "VALUES": kwValues, "VIEW": kwView, "VIRTUAL": kwVirtual,
	"WHEN": kwWhen, "WHERE": kwWhere, "WINDOW": kwWindow, "WITH": kwWith,
	"WITHOUT": kwWithout,
}
