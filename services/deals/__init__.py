"""Deals: what grows between two parties, step by step, until it is signed or ends with a coded reason."""
