"""Faults with real processes: workers that are killed, held and raced, and what must hold after.

`program` is the process that loads Odoo once and forks workers, `tasks` what a worker does,
`workers` how a test starts them, `invariants` what the ledger must say in the end.
"""
