package bench

// The words of the shop. They are in several scripts, with combining marks,
// characters outside of the basic plane and quotes: what people type.
var (
	givenNames = []string{
		"Anna", "Łukasz", "Zoë", "Jürgen", "Søren", "Mária", "François", "José", "Björk", "Ñusta",
		"Мария", "Олег", "Ελένη", "美玲", "翔太", "지우", "أمينة", "David", "Priya", "Oluwaseun",
		"Siobhán", "Đorđe", "Ağça", "Grace", "Noah", "Emília", "Mia", "Tomáš", "Ingrid", "Chloé",
	}
	familyNames = []string{
		"Müller", "Kowalski", "O’Brien", "García Márquez", "Øberg", "Nguyễn", "Иванова", "Παπαδοπούλου",
		"陳", "佐藤", "김", "Haddad", "Smith", "d'Artagnan", "Šimková", "Þórsdóttir", "Adeyemi", "Rossi",
		"van der Berg", "Lefèvre", "Kaya", "Nováková", "Schmidt-Weiß", "Jensen", "Patel", "Lindström",
	}
	mailNames = []string{
		"anna", "lukasz", "zoe", "juergen", "soren", "maria", "francois", "jose", "oleg", "eleni",
		"meiling", "shota", "jiwoo", "amina", "david", "priya", "seun", "grace", "noah", "mia",
	}
	mailDomains = []string{"example.com", "example.org", "example.net", "Mail.Example", "post.example"}
	userAgents  = []string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
		"curl/8.7.1",
		"",
	}
)

var cities = []struct {
	name, country string
	streets       []string
}{
	{"München", "DE", []string{"Leopoldstraße", "Türkenstraße", "Straße des 17. Juni"}},
	{"Kraków", "PL", []string{"ul. Grodzka", "ul. Świętego Jana", "al. Pokoju"}},
	{"Århus", "DK", []string{"Åboulevarden", "Sønder Allé"}},
	{"Liège", "BE", []string{"Rue Léopold", "Quai de l'Ourthe"}},
	{"A Coruña", "ES", []string{"Rúa Real", "Avda. de la Marina"}},
	{"Αθήνα", "GR", []string{"Οδός Ερμού", "Λεωφόρος Αλεξάνδρας"}},
	{"東京", "JP", []string{"千代田区丸の内", "渋谷区神南"}},
	{"Reykjavík", "IS", []string{"Laugavegur", "Skólavörðustígur"}},
	{"Cork", "IE", []string{"Saint Patrick's Street", "Oliver Plunkett Street"}},
}

var (
	departments = []string{"Sale", "Kitchen", "Garden", "Office", "Café & Tea", "Music", "Outdoor", "Enfants", "Bücher", "Электроника"}
	subjects    = []string{"Small", "Vintage", "Professional", "Travel", "Seasonal", "Nordic", "Handmade", "Wireless"}
	skuPrefixes = []string{"KIT-", "GAR-", "OFF-", "CAF-", "MUS-", "OUT-"}
	qualities   = []string{"Fine", "Sturdy", "Crème", "Foldable", "Édition limitée", "Gemütlich", "Compact", "Heavy-duty", "Smart", "Ultra-light"}
	materials   = []string{"oak", "copper", "bamboo", "cast-iron", "linen", "glass", "wool", "cork", "stainless", "recycled"}
	things      = []string{
		"teapot (急須)", "garden chair", "jalapeño grinder", "crème brûlée torch", "notebook", "ukulele", "piñata",
		"smörgås board", "lamp", "rucksack", "kettle", "doormat \"Willkommen\"", "5\" ruler", "gyōza press", "headphones",
	}
	sentences = []string{
		"Made by hand in a family workshop.", "Dishwasher safe up to 70 °C.", "Fits naïve and expert users alike.",
		"Weighs less than ½ kg.", "Comes with a 2-year guarantee.", "Ideal für Küche, Büro und Garten.",
		"Le café n’a jamais été aussi bon.", "Idealny prezent dla każdego.", "職人が一つずつ手作りしました。",
		"Price/performance: 100% 👍.", "C:\\Users\\shop is not a feature.", "Line one.\nLine two.", "Tabs\tare kept.",
	}
	colorNames = []string{"red", "grün", "bleu", "żółty", "黒", "white", "natural"}
	sizes      = []string{"S", "M", "L", "XL", "42½", "one size"}
	tagNames   = []string{
		"new", "sale", "gift", "eco", "vegan", "handmade", "bestseller", "kids", "office", "home",
		"été", "hiver", "świąteczny", "für-sie", "für-ihn", "日本", "limited", "clearance", "refurbished", "bundle",
		"premium", "budget", "online-only", "heavy", "fragile", "cold", "summer", "winter", "spring", "autumn",
	}
	settings = [][2]string{
		{"currency", `"EUR"`},
		{"tax.rate", `0.190`},
		{"shipping.free_from", `{"EUR": 50, "PLN": 200}`},
		{"maintenance", `false`},
		{"banner", `{"text": "Schöne Grüße ☀️", "until": null}`},
		{"feature.flags", `["search", "reviews", "gift-wrap"]`},
		{"big.number", `12345678901234567890.123456789`},
		{"theme", `{"b": 1, "a": 2}`},
	}
)

var (
	// Most orders are shipped.
	orderStates = []string{"shipped", "shipped", "shipped", "shipped", "shipped", "paid", "paid", "placed", "cancelled"}
	orderNotes  = []string{
		"Please ring twice.", "Bitte beim Nachbarn abgeben", "Laisser devant la porte, merci !", "🎁 für Omi",
		"No substitutions;\nno plastic.", "O'Reilly's, 2nd floor", "100% sure? -- yes", "配達は午後でお願いします",
	}
	returnReasons   = []string{"too small", "broken on arrival", "zu spät", "couleur différente", "changed my mind", "nie działa"}
	reviewTitles    = []string{"Great!", "Sehr gut", "Très déçu", "Meh…", "すばらしい", "Polecam", "⭐⭐⭐⭐⭐", "Don't buy", "Value for money"}
	reviewSentences = []string{
		"Works as described.", "Arrived after three days.", "The colour is darker than in the picture.",
		"Für den Preis völlig in Ordnung.", "Je recommande sans hésiter !", "Świetna jakość, szybka wysyłka.",
		"とても気に入りました。", "My dog ate it 🐶🤷‍♀️.", "It's \"fine\", I guess.", "Would buy again.", "5/10 – could be better.",
	}
)
