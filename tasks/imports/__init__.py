"""The fan-out of imports: scheduler, workers, ledger and the rate of task runs for the Prefect server."""
