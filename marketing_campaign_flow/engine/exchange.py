"""Exchange rates in SQL, as Odoo looks them up: of the day, else the first there is, else 1."""

from odoo.tools import SQL

RATE = """
    COALESCE((SELECT r.rate FROM res_currency_rate r
               WHERE r.currency_id = %(currency)s AND r.name <= %(day)s
                 AND (r.company_id IS NULL OR r.company_id = %(company)s)
               ORDER BY r.company_id, r.name DESC LIMIT 1),
             (SELECT r.rate FROM res_currency_rate r
               WHERE r.currency_id = %(currency)s
                 AND (r.company_id IS NULL OR r.company_id = %(company)s)
               ORDER BY r.company_id, r.name LIMIT 1), 1.0)
"""

CONVERTED = """
    CASE WHEN %(source)s = %(target)s THEN %(amount)s
         ELSE round(%(amount)s * %(rate_to)s / %(rate_from)s, %(digits)s) END
"""


def rate(currency: SQL, company: SQL, day: SQL) -> SQL:
    """Return the rate of a currency on a day: units of it for one unit of the reference.

    :param company: id of the root company
    """
    return SQL(RATE, currency=currency, company=company, day=day)


def converted(amount: SQL, source: SQL, target: SQL, *, company: SQL, day: SQL, digits: SQL) -> SQL:
    """Return an amount in another currency at the rate of a day, rounded to its coins.

    :param digits: decimal places of the target currency
    """
    return SQL(
        CONVERTED,
        amount=amount,
        source=source,
        target=target,
        rate_to=rate(target, company, day),
        rate_from=rate(source, company, day),
        digits=digits,
    )
