package pgcopy_test

import (
	"fmt"

	pgcopy "github.com/litehaul/litehaul/copy"
)

// A stream is built by appending. COPY ... FROM STDIN (FORMAT binary) takes it
// from pgconn.PgConn.CopyFrom.
func Example() {
	buf := pgcopy.AppendHeader(nil)
	for id, price := range []string{"9.50", "1e3"} {
		buf = pgcopy.AppendTupleHeader(buf, 2)
		buf = pgcopy.AppendInt8(buf, int64(id))
		var err error
		if buf, err = pgcopy.AppendNumericText(buf, []byte(price), 2); err != nil {
			fmt.Println(err)
			return
		}
	}
	buf = pgcopy.AppendTrailer(buf)
	fmt.Printf("%q\n", buf[:pgcopy.HeaderLen])
	fmt.Println(len(buf), "bytes")
	// Output:
	// "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	// 79 bytes
}

// A Scanner is the io.Writer that pgconn.PgConn.CopyTo writes to.
func ExampleScanner() {
	stream := pgcopy.AppendTupleHeader(pgcopy.AppendHeader(nil), 2)
	stream = pgcopy.AppendTextString(stream, "a text")
	stream = pgcopy.AppendNull(stream)
	stream = pgcopy.AppendTrailer(stream)

	s := pgcopy.NewScanner(2, func(fields []byte, _ int) error {
		it := pgcopy.NewFields(fields)
		for it.Next() {
			fmt.Printf("%q, null: %t\n", it.Value(), it.Value() == nil)
		}
		return it.Err()
	})
	if _, err := s.Write(stream); err != nil {
		fmt.Println(err)
	}
	if err := s.Close(); err != nil { // a stream that was cut off
		fmt.Println(err)
	}
	// Output:
	// "a text", null: false
	// "", null: true
}

// Arrays are fields around fields.
func ExampleBeginArray() {
	buf, mark := pgcopy.BeginArray(nil, 23 /* integer */, false, 2)
	buf = pgcopy.AppendInt4(buf, 1)
	buf = pgcopy.AppendInt4(buf, 2)
	buf = pgcopy.EndArray(buf, mark)
	fmt.Println(len(buf), "bytes")
	// Output: 40 bytes
}
