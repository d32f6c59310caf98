"""The two stores: the live board in Redis or Valkey, the ledger and the registry in Postgres."""
