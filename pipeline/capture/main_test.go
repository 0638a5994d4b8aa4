package capture_test

import (
	"os"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
