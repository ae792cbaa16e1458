"""HTTP to Azure: sign-in, ARM calls, retries, rate limits, long-running operations and the registry data plane."""
