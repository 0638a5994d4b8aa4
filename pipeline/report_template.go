package pipeline

// TemplateReport tells of a database that was copied from a template.
type TemplateReport struct {
	Database string `json:"database"`
	Template string `json:"template"`
	// ID is that of the archive which is in the template.
	ID string `json:"id"`
	// Made says that the template was not there and has been made.
	Made bool `json:"made"`
	// Replaced says that a database of that name stood there.
	Replaced bool `json:"replaced"`
	// Ended is how many sessions were ended for that.
	Ended int `json:"sessions_ended"`
	// Bytes is the template's size on the server's disk.
	Bytes int64 `json:"bytes"`
	// Strategy is how the server copied: wal_log or file_copy;
	// spare if the copy was there already.
	Strategy string `json:"strategy"`
	// Dropped are the templates that were dropped.
	Dropped []string `json:"dropped"`
	// FillSeconds and SealSeconds are what making the template took: loading it,
	// and making it ready to be copied. WaitSeconds were spent waiting for
	// another run.
	FillSeconds float64 `json:"fill_seconds"`
	SealSeconds float64 `json:"seal_seconds"`
	WaitSeconds float64 `json:"wait_seconds"`
	// CopySeconds is CREATE DATABASE, SwapSeconds putting it in the place of the
	// old one and dropping that. DropSeconds is for templates that were dropped.
	CopySeconds float64 `json:"copy_seconds"`
	SwapSeconds float64 `json:"swap_seconds"`
	DropSeconds float64 `json:"drop_seconds"`
	// Seconds is all of it.
	Seconds float64 `json:"seconds"`
}
