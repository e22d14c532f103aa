"""The demo market: invented organisations, listings, deals and contracts, all marked 演示."""
