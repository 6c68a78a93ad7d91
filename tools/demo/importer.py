"""Contacts come in through Odoo's own importer, as behind its Import button."""

import csv
import io

from tools.console import Progress, SetupError
from tools.demo.client import Client
from tools.demo.contacts import Contacts

BATCH = 2000
OPTIONS = {"quoting": '"', "separator": ",", "has_headers": True, "encoding": "utf-8"}


def import_contacts(client: Client, contacts: Contacts) -> None:
    """Import all contacts; those of an earlier, interrupted import are updated, not doubled.

    :raises SetupError: with the importer's own words when it refuses a row
    """
    names = sorted({*contacts.fields, "category_id"})
    wizard = client.create(
        "base_import.import",
        {
            "res_model": "res.partner",
            "file": _as_csv(contacts, names),  # the plain text: so does the upload
            "file_name": "contacts.csv",
            "file_type": "text/csv",
        },
    )
    columns = ["id", *names]
    with Progress("importing contacts", len(contacts.people)) as progress:
        for skip in range(0, len(contacts.people), BATCH):
            answer = client.call(
                "base_import.import",
                "execute_import",
                [wizard],
                columns,
                columns,
                {
                    **OPTIONS,
                    "skip": skip,
                    "limit": BATCH,
                    "name_create_enabled_fields": {"category_id": True},
                },
            )
            errors = [found["message"] for found in answer["messages"] if found["type"] == "error"]
            if errors:
                raise SetupError(f"Odoo's importer refused the contacts: {errors[0]}")
            progress.update(skip + BATCH)


def _as_csv(contacts, names) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["id", *names])
    for number, person in enumerate(contacts.people, start=1):
        tags = ",".join(filter(None, (contacts.tag, person.values.get("category_id"))))
        values = {**person.values, "category_id": tags}
        rows.writerow(
            [f"flow_demo_{contacts.key}_{number}", *(values.get(name, "") for name in names)]
        )
    return text.getvalue()
