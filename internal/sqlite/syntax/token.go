package syntax

// kind is the kind of a token. Keywords that no rule of this package names
// share two kinds, for all that matters is whether they can be identifiers.
type kind uint8

const (
	tkEOF kind = iota
	tkIllegal
	tkIdent  // an identifier without quotes
	tkQuoted // "x", [x] or `x`
	tkString // 'x'
	tkInt
	tkFloat
	tkSeparated // a number with digit separators: 1_000
	tkBlob
	tkVariable

	tkLP
	tkRP
	tkSemi
	tkComma
	tkDot
	tkPlus
	tkMinus
	tkStar
	tkSlash
	tkPercent
	tkEq
	tkNe
	tkLt
	tkLe
	tkGt
	tkGe
	tkAmp
	tkPipe
	tkShl
	tkShr
	tkConcat
	tkArrow
	tkArrow2
	tkTilde

	kwOtherID       // any further keyword that falls back to an identifier
	kwOtherReserved // any further keyword that never is one

	kwAbort
	kwAction
	kwAfter
	kwAll
	kwAlways
	kwAnd
	kwAs
	kwAsc
	kwAutoincrement
	kwBefore
	kwBetween
	kwBy
	kwCascade
	kwCase
	kwCast
	kwCheck
	kwCollate
	kwConflict
	kwConstraint
	kwCreate
	kwCurrent
	kwCurrentDate
	kwCurrentTime
	kwCurrentTimestamp
	kwDefault
	kwDeferrable
	kwDeferred
	kwDelete
	kwDesc
	kwDistinct
	kwElse
	kwEnd
	kwEscape
	kwExcept
	kwExclude
	kwExists
	kwFail
	kwFilter
	kwFirst
	kwFollowing
	kwForeign
	kwFrom
	kwGenerated
	kwGroup
	kwGroups
	kwHaving
	kwIf
	kwIgnore
	kwImmediate
	kwIn
	kwIndex
	kwIndexed
	kwInitially
	kwInsert
	kwInstead
	kwIntersect
	kwIs
	kwIsnull
	kwJoin
	kwJoinWord // CROSS FULL INNER LEFT NATURAL OUTER RIGHT
	kwKey
	kwLast
	kwLike // LIKE GLOB REGEXP
	kwLimit
	kwMatch
	kwMaterialized
	kwNo
	kwNot
	kwNotnull
	kwNull
	kwNulls
	kwOf
	kwOffset
	kwOn
	kwOr
	kwOrder
	kwOthers
	kwOver
	kwPartition
	kwPreceding
	kwPrimary
	kwRaise
	kwRange
	kwRecursive
	kwReferences
	kwReplace
	kwRestrict
	kwRollback
	kwRow
	kwRows
	kwSelect
	kwSet
	kwTable
	kwTemp
	kwThen
	kwTies
	kwTrigger
	kwUnbounded
	kwUnion
	kwUnique
	kwUpdate
	kwUsing
	kwValues
	kwView
	kwVirtual
	kwWhen
	kwWhere
	kwWindow
	kwWith
	kwWithout

	kindN
)

// token is a piece of the source: src[start:end].
type token struct {
	start, end int
	kind       kind
}

// The places where a token can stand as a name, after the token classes of
// SQLite's parse.y: id, ids (id or string, but not INDEXED), idj (id or join
// word), nm (idj or string).
const (
	asID uint8 = 1 << iota
	asIDs
	asIdj
	asNm
)

// nameClass tells for each kind where it is a name.
var nameClass = func() (c [kindN]uint8) {
	for _, k := range fallback {
		c[k] = asID | asIDs | asIdj | asNm
	}
	c[tkIdent] = asID | asIDs | asIdj | asNm
	c[tkQuoted] = asID | asIDs | asIdj | asNm
	c[tkString] = asIDs | asNm
	c[kwIndexed] = asID | asIdj | asNm
	c[kwJoinWord] = asIdj | asNm
	return c
}()

// fallback lists the keywords that SQLite reads as identifiers wherever they
// do not fit as keywords (%fallback ID in parse.y).
var fallback = [...]kind{
	kwOtherID, kwAbort, kwAction, kwAfter, kwAsc, kwBefore, kwBy, kwCascade,
	kwCast, kwConflict, kwDeferred, kwDesc, kwEnd, kwFail, kwIgnore,
	kwImmediate, kwInitially, kwInstead, kwLike, kwMatch, kwNo, kwKey, kwOf,
	kwOffset, kwRaise, kwRecursive, kwReplace, kwRestrict, kwRow, kwRows,
	kwRollback, kwTemp, kwTrigger, kwView, kwVirtual, kwWith, kwWithout,
	kwNulls, kwFirst, kwLast, kwCurrent, kwFollowing, kwPartition,
	kwPreceding, kwRange, kwUnbounded, kwExclude, kwGroups, kwOthers, kwTies,
	kwGenerated, kwAlways, kwMaterialized, kwCurrentDate, kwCurrentTime,
	kwCurrentTimestamp, kwIf,
}
