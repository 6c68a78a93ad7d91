"""Which records of a list a user means."""


def chosen_domain(records):
    """Return a domain for the records that a user has chosen in a list."""
    return _shown_beyond(records) or [("id", "in", records.ids)]


def all_chosen(records):
    """Return the records that a user has chosen in a list."""
    shown = _shown_beyond(records)
    return records.search(shown) if shown else records


def _shown_beyond(records):
    """Return the domain of the list where not all that were chosen in it are told.

    The web client tells no more than so many ids; where it has reached that limit, all that the
    list shows are meant.
    """
    # sudo: a plain number
    parameters = records.env["ir.config_parameter"].sudo()
    most = int(parameters.get_param("web.active_ids_limit", 20000))
    return records.env.context.get("active_domain") if len(records) >= most else None
