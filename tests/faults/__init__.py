"""Faults with real processes: workers that are killed, held and raced, and what must hold after.

`program` is the process that loads Odoo once and forks workers, `tasks` what a worker does,
`versions` what somebody does who publishes one version after the other, `workers` how a test starts
them, `invariants` what the ledger must say in the end.
"""
