"""The plan: the changes of a relocation, and their duration."""
