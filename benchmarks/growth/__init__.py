"""How cost grows: with territories, with pools, with the years of a ledger."""
