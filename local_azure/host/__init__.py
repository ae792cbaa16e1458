"""The process: proxy, TLS, admin port and routes."""
