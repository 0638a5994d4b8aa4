//go:build race

package pipeline_test

// raceDetector says that the race detector watches the tests. It takes memory
// of its own, several times what the program needs.
const raceDetector = true
