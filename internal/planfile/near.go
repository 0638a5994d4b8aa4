package planfile

// nearest finds the word that s was meant to be, or "".
func nearest(s string, words []string) string {
	best, limit := "", len(s)/3+1 // as many slips as a typist may make
	for _, w := range words {
		if d := distance(s, w); d < limit || best == "" && d == limit {
			best, limit = w, d
		}
	}
	return best
}

// maxNear bounds the words that are compared.
const maxNear = 64

// distance counts the slips between two words: a letter too many, too few,
// another one, or two that changed places.
func distance(a, b string) int {
	if len(a) > maxNear || len(b) > maxNear {
		return maxNear
	}
	var d [maxNear + 1][maxNear + 1]int
	for i := range len(a) + 1 {
		for j := range len(b) + 1 {
			switch {
			case i == 0:
				d[i][j] = j
				continue
			case j == 0:
				d[i][j] = i
				continue
			}
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
