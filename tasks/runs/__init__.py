"""The frame of a run: report, lease, artifacts, approval, crashed runs, queries and events."""
