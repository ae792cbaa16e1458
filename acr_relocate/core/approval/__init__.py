"""What a person is asked to approve, and the decision."""
