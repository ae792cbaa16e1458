"""Recorded exchanges with Azure, asked again of the embedded one."""
