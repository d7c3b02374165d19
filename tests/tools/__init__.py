"""What `make` and the test suite need around the tests themselves; tests of these tools lie beside them."""
