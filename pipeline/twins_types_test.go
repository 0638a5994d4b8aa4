package pipeline_test

// twinTypes are the columns of the twins that get a type of another kind than
// their framework chose in Postgres, and why: nothing in the SQLite file tells,
// or what is there says another thing.
var twinTypes = map[string][]typeReason{
	"django-shop": {
		{"a DurationField is a bigint like any other", []string{
			"shop_digitalproduct.expires_after: bigint, not interval",
			"shop_measurement.span: bigint, not interval",
			"shop_product.handling: bigint, not interval",
		}},
	},
	"drizzle-notes": {
		{"integers of 0 and 1, whose names do not say that they are booleans", []string{
			"order.paid: bigint, not boolean",
			"users.marketing: bigint, not boolean",
		}},
		{"integers, whose names do not say that they are times", []string{
			"notes.spent: bigint, not interval",
			"sessions.last_seen: bigint, not timestamp with time zone",
			"users.email_verified: bigint, not timestamp with time zone",
		}},
		{"text, which may hold anything", []string{
			"notes.cost: text, not numeric(40,18)",
			"notes.remind_at: text, not time without time zone",
			"users.ip: text, not inet",
		}},
		{"an array is a JSON array in SQLite", []string{
			"notes.tags: json, not text[]",
		}},
		{"an enum is text with a list of words in the application alone", []string{
			"notes.status: text, not note_status",
			"users.plan: text, not plan",
		}},
	},
	"gorm-store": {
		{"arrays in Postgres' own spelling; the text is kept", []string{
			"customers.numbers: text, not bigint[]",
			"customers.tags: text, not text[]",
		}},
		{"a time as text: nothing tells it from a string", []string{
			"customers.wakes: text, not time without time zone",
			"samples.tod: text, not time without time zone",
		}},
		{"GORM makes decimals of Go's float64; a double holds the same numbers", []string{
			"products.ratio: double precision, not numeric",
			"products.weight: double precision, not numeric",
			"samples.f64: double precision, not numeric",
		}},
	},
	"peewee-library": {
		{"integers of 0 and 1, whose names do not say that they are booleans", []string{
			"author.alive: bigint, not boolean",
			"order.renewed: bigint, not boolean",
			"reading.yes: bigint, not boolean",
		}},
		{"a number of seconds is a number", []string{
			"book.loan_period: bigint, not interval",
		}},
		{"a list is text in the application's own spelling", []string{
			"author.aliases: text, not text[]",
		}},
	},
	"prisma-social": {
		{"a String is text in Postgres too; that it is @db.Uuid or @db.Inet stands in schema.prisma alone", []string{
			"follow.followedid: text, not uuid",
			"follow.followerid: text, not uuid",
			"measurement.uid: text, not uuid",
			"order.user: text, not uuid",
			"post.authorid: text, not uuid",
			"post.token: text, not uuid",
			"user.id: text, not uuid",
			"user.ip: text, not inet",
			"user.referrerid: text, not uuid",
		}},
		{"a DateTime is an instant; that it is @db.Date or @db.Time stands in schema.prisma alone", []string{
			"measurement.day: timestamp with time zone, not date",
			"user.birth: timestamp with time zone, not date",
			"user.wakeat: timestamp with time zone, not time(3) without time zone",
		}},
		{"an enum is text, its words stand in schema.prisma alone", []string{
			`post.status: text, not "Status"`,
			`user.role: text, not "Role"`,
		}},
		{"an array is JSON in SQLite", []string{
			"user.tags: jsonb, not text[]",
		}},
	},
	"typeorm-blog": {
		{"simple-json is text in Postgres too", []string{
			"content.streams: text, not jsonb",
			"eventlog.payload: text, not jsonb",
			"post.meta: text, not jsonb",
			"user.settings: text, not jsonb",
		}},
		{"simple-enum is a varchar with a CHECK, which is carried over", []string{
			`post.status: text, not "Post_status_enum"`,
			`user.role: text, not "User_role_enum"`,
		}},
		{"simple-array is text in Postgres too", []string{
			"user.aliases: text, not text[]",
		}},
		{"a varchar of addresses may hold others", []string{
			"user.lastip: character varying(45), not inet",
		}},
	},
}
