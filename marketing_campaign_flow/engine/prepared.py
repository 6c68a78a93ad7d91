"""Prepared statements: what a worker says for each message is planned once per connection.

Planning such a statement takes the database longer than carrying it out.
"""

from odoo.tools import SQL


class Prepared:
    """A statement with named parameters, written as psycopg2 wants them.

    :param name: what PostgreSQL knows it by; two statements never share one
    :param types: PostgreSQL's type of each parameter
    """

    def __init__(self, name: str, statement: str, **types: str):
        self._name, self._parameters = name, list(types)
        numbered = statement % {key: f"${at}" for at, key in enumerate(types, 1)}
        self._prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {numbered}"

    def prepare(self, cr) -> None:
        """Make the statement known to the connection of a cursor, where it is not yet."""
        cr.execute("SELECT 1 FROM pg_prepared_statements WHERE name = %s", [self._name])
        if not cr.rowcount:
            cr._obj.execute(self._prepare)

    def with_values(self, **values) -> SQL:
        """Return the SQL that runs the statement; it must be prepared."""
        arguments = SQL(", ").join(SQL("%s", values[key]) for key in self._parameters)
        return SQL("EXECUTE %s(%s)", SQL(self._name), arguments)
