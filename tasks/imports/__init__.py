"""The fan-out of imports: scheduler, workers, ledger and the pace towards the Prefect server."""
