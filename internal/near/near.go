// Package near finds the word that somebody meant to type.
package near

// Word finds the one of the words that s was meant to be, or "": that with the
// fewest slips, as many as a typist may make, the first of several.
func Word(s string, words []string) string {
	best, limit := "", len(s)/3+1
	for _, w := range words {
		if d := distance(s, w); d < limit || best == "" && d == limit {
			best, limit = w, d
		}
	}
	return best
}

// distance counts the insertions, deletions and changes between two words
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
