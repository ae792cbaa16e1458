"""Facts read from Azure for the checks; a fact that could not be read is Unknown."""
