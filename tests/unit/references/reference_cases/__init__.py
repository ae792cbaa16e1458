"""Rows of traps for the rewriter, by what they are about; `test_cases.py` says how to read one."""
