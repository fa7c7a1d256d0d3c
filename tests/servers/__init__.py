"""Small servers for tests, on loopback: honest ones, broken ones, hostile ones."""
