"""Entra ID tokens and the Graph calls that clients need."""
