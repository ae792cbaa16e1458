"""Requests and answers: routing, paging and injected failures."""
