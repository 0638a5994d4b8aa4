package bench

// proseSize is the length of the text from which comments are cut. TPC-H does
// the same with 300 MB; one MB still gives lineitem three comments per byte.
const proseSize = 1 << 20

// prose is text to cut comments from: much faster than putting each together.
type prose []byte

func newProse(seed uint64) prose {
	d := newDice(seed, "prose")
	text := make(prose, 0, proseSize+64)
	for len(text) < proseSize {
		text = d.words(text, adverbs, 1)
		text = append(text, ' ')
		text = d.words(text, adjectives, 1)
		text = append(text, ' ')
		text = d.words(text, nouns, 1)
		text = append(text, ' ')
		text = d.words(text, verbs, 1)
		text = append(text, d.pick(stops)...)
	}
	return text[:proseSize]
}

// cut gives between lo and hi bytes; which ones, throw decides.
func (p prose) cut(throw int64, lo, hi int) []byte {
	n := lo + int(throw>>32)%(hi-lo+1)
	at := int(throw&0xffffffff) % (len(p) - n)
	return p[at : at+n]
}

// note gives a comment of lo to hi bytes.
func (g *tpch) note(d *dice, lo, hi int) []byte { return g.prose.cut(d.Int64(), lo, hi) }

// numbered gives a name such as Supplier#000000017.
func (g *tpch) numbered(prefix string, n int64) []byte {
	g.buf = padded(append(g.buf[:0], prefix...), n, 9)
	return g.buf
}

// address gives 10 to 40 characters without sense, as TPC-H has them.
func (g *tpch) address(d *dice) []byte {
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz ,ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	g.buf = g.buf[:0]
	for range d.between(10, 40) {
		g.buf = append(g.buf, alphabet[d.IntN(len(alphabet))])
	}
	return g.buf
}

// phone gives a number such as 27-918-335-1736, led by the nation's code.
func (g *tpch) phone(d *dice, nation int64) []byte {
	g.buf = padded(g.buf[:0], nation+10, 2)
	g.buf = padded(append(g.buf, '-'), d.between(100, 999), 3)
	g.buf = padded(append(g.buf, '-'), d.between(100, 999), 3)
	g.buf = padded(append(g.buf, '-'), d.between(1_000, 9_999), 4)
	return g.buf
}

var regions = []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}

var nations = []struct {
	name   string
	region int64
}{
	{"ALGERIA", 0},
	{"ARGENTINA", 1},
	{"BRAZIL", 1},
	{"CANADA", 1},
	{"EGYPT", 4},
	{"ETHIOPIA", 0},
	{"FRANCE", 3},
	{"GERMANY", 3},
	{"INDIA", 2},
	{"INDONESIA", 2},
	{"IRAN", 4},
	{"IRAQ", 4},
	{"JAPAN", 2},
	{"JORDAN", 4},
	{"KENYA", 0},
	{"MOROCCO", 0},
	{"MOZAMBIQUE", 0},
	{"PERU", 1},
	{"CHINA", 2},
	{"ROMANIA", 3},
	{"SAUDI ARABIA", 4},
	{"VIETNAM", 2},
	{"RUSSIA", 3},
	{"UNITED KINGDOM", 3},
	{"UNITED STATES", 1},
}

var (
	segments     = []string{"AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"}
	typeSizes    = []string{"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"}
	typeFinishes = []string{"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"}
	typeMetals   = []string{"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"}
	boxSizes     = []string{"SM", "LG", "MED", "JUMBO", "WRAP"}
	boxes        = []string{"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"}
	colors       = []string{
		"almond", "antique", "azure", "beige", "black", "blue", "blush", "brown", "burnished", "chiffon",
		"coral", "cornsilk", "cream", "cyan", "dark", "drab", "firebrick", "forest", "frosted", "ghost",
		"gold", "green", "grey", "honeydew", "indian", "ivory", "khaki", "lace", "lavender", "lemon",
		"linen", "magenta", "maroon", "metallic", "mint", "misty", "navy", "olive", "orange", "orchid",
		"pale", "peach", "pink", "plum", "powder", "puff", "purple", "red", "rose", "rosy",
		"royal", "saddle", "salmon", "sandy", "sienna", "sky", "slate", "smoke", "snow", "spring",
		"steel", "tan", "thistle", "tomato", "turquoise", "violet", "wheat", "white", "yellow",
	}

	adverbs    = []string{"quickly", "slowly", "carefully", "furiously", "blithely", "never", "always", "daringly", "evenly", "finally"}
	adjectives = []string{"special", "pending", "regular", "express", "ironic", "final", "bold", "silent", "even", "unusual", "quiet", "fluffy"}
	nouns      = []string{"packages", "requests", "accounts", "deposits", "foxes", "ideas", "theodolites", "instructions", "dependencies", "excuses", "platelets", "asymptotes", "courts", "dolphins", "pinto beans"}
	verbs      = []string{"sleep", "wake", "haggle", "nag", "cajole", "detect", "integrate", "use", "boost", "affix", "breach", "engage", "grow", "snooze", "print"}
	stops      = []string{". ", ". ", ". ", "; ", "? ", "! ", " among the ", " against the ", " after the "}
)
