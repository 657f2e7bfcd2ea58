"""Tests: pure ones for decisions, loopback ones (real sockets, both stores) for edges."""
