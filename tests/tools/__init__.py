"""What `make` and the test suite need around the tests themselves; nothing here is a test."""
