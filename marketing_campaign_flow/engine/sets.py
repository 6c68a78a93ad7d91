"""Sets of records in PostgreSQL: domains that stay fast for millions of rows however they nest.

A subquery that is one of several conditions under OR or NOT is looked up row by row as soon as it
outgrows PostgreSQL's memory for one operation. Joined as a set (UNION, anti-join) it is hashed, or
sorted on disk, whatever its size.
"""

from odoo.fields import Domain
from odoo.tools import SQL, Query

ABSENT = "NOT EXISTS (SELECT FROM (%s) AS absent (id) WHERE absent.id = %s)"


def among(ids: SQL) -> Domain:
    """Return the domain of the records whose ids a SELECT returns.

    :param ids: a SELECT of one column, without parentheses; NULL is nobody
    """
    return Domain("id", "in", SQL("(%s)", ids))


def union(model, domains) -> Domain:
    """Return the domain of the records for which one of `domains` holds.

    :param model: the model of the domains
    """
    domains = list(domains)
    plain = [domain for domain in domains if _is_plain(model, domain)]
    others = [domain for domain in domains if not _is_plain(model, domain)]
    if not others:
        return Domain.OR(plain)
    parts = ([Domain.OR(plain)] if plain else []) + others
    return among(SQL(" UNION ALL ").join(ids(model, part) for part in parts))


def without(model, domain: Domain) -> Domain:
    """Return the domain of the records for which `domain` does not hold."""
    if _is_plain(model, domain):
        return ~domain
    found = ids(model, domain)
    return Domain.custom(
        to_sql=lambda _model, alias, _query: SQL(ABSENT, found, SQL.identifier(alias, "id"))
    )


def ids(model, domain: Domain) -> SQL:
    """Return a SELECT of the ids for which `domain` holds, archived or not.

    Whoever puts it into a search of the same model has its record rules applied there, once.
    """
    match list(domain):
        case [("id", "in", SQL() as found)]:
            return found
    return model._search(domain, active_test=False, bypass_access=True).select()


def _is_plain(model, domain: Domain) -> bool:
    """Return whether a domain asks for columns of the record itself, without a subquery."""
    return all(
        isinstance(term, tuple) and _is_column(model, *term)
        for term in domain
        if not isinstance(term, str)
    )


def _is_column(model, name, operator, value) -> bool:
    if not isinstance(name, str):
        return True  # (1, '=', 1): everybody, or nobody
    field = model._fields.get(name.split(".")[0])
    return bool(
        field
        and field.store
        and field.column_type
        and "any" not in operator
        and not isinstance(value, SQL | Query)
        and (field.type != "many2one" or name == field.name)
    )
