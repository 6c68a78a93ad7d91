"""The development environment: gets Odoo, PostgreSQL and a browser, runs demo and tests."""
