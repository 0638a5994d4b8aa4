package template

// BesideName gives the names that the copy and the old one have while a database
// is replaced.
func BesideName(name string) []string {
	return []string{besideName(newPrefix, name), besideName(oldPrefix, name)}
}

// LockKey is the number of the advisory lock for a name.
func LockKey(name string) int64 { return lockKey(name) }
