"""Unit tests of rehearsals."""
