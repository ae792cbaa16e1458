"""A document model and its renderings as Markdown and HTML."""
