"""Recordings of exchanges with Azure as shapes, for comparing the embedded Azure with the real one."""
