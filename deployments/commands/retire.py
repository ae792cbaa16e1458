"""`acr-relocate delete-source` and `discard`: the two ends of a relocation, of which only one can be taken back."""

import typer

from deployments.commands.run_command import AsHtml, AsJson, RequestFile, run_request_command

app = typer.Typer()


@app.command(name="delete-source")
def delete_source(request: RequestFile, *, as_json: AsJson = False, html: AsHtml = None) -> None:
    """Delete the source registry for good: verified afresh, used by nobody, and its name typed by a person."""
    run_request_command("delete-source", request, as_json=as_json, html=html)


@app.command()
def discard(request: RequestFile, *, as_json: AsJson = False, html: AsHtml = None) -> None:
    """Take a relocation back: remove what it made and nothing else, while the source is there."""
    run_request_command("discard", request, as_json=as_json, html=html)
