// Package merge holds rows that wait in a temporary table against those of a table
// of the target, and brings them into it: what would be refused is found
// beforehand, by the server and its own rules of equality, and what was written is
// proved afterwards.
//
// It works within the caller's transaction, which it neither begins nor ends. It
// locks nothing, and decides nothing about what it finds.
package merge
