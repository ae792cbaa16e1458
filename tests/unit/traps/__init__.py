"""Rows of traps for the rewriter, by what they are about; `test_references_traps.py` says how to read one."""
