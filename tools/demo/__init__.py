"""The demo: a real campaign in a real Odoo, from a file of contacts to a table of results.

Everything a person would do goes through the public methods behind the buttons, as a marketing
user over Odoo's own web API; what a recipient would do goes through HTTP and the mail gateway.
"""
