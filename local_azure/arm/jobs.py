"""Jobs of ARM itself: where their results are asked for, and their ids, which are base64 of JSON."""

import base64
import json
import uuid

from local_azure.wire.routing import Call


def results_path(call: Call) -> str:
    """Return the path beneath which the jobs of a subscription are asked about."""
    return f"/subscriptions/{call.params.subscription}/operationresults"


def job(prefix: str, name: str, location: str) -> str:
    """Return the id of a new job about something with this name."""
    text = {"jobId": f"{prefix}{name.upper()}-{location.upper()}-{uuid.uuid4()}", "jobLocation": location}
    return base64.urlsafe_b64encode(json.dumps(text, separators=(",", ":")).encode()).decode().rstrip("=")
