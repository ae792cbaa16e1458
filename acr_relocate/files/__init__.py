"""Files on disk: text files, templates, git checkouts and the scan for references."""
