"""The question to approve, and the decision."""
