"""Odoo's web API, as the browser uses it."""

import time
from collections.abc import Callable
from typing import Any

import requests

from tools.console import Progress, SetupError

# Odoo tries a call again that met another transaction, five times at once; a freshly started one,
# whose scheduled jobs all run at the same time, may need longer.
CONFLICTS = (
    "psycopg2.errors.SerializationFailure",
    "psycopg2.errors.DeadlockDetected",
    "psycopg2.errors.LockNotAvailable",
    "odoo.exceptions.LockError",
)
NOBODY_THERE = 502  # said by the front when no worker of Odoo listens at this moment
PATIENCE = 10


class OdooError(SetupError):
    """Odoo refused a call; the text is what a person would read in the dialog."""


class Client:
    """One logged-in user."""

    def __init__(self, url: str, database: str, login: str, password: str):
        self.url = url
        self.database = database
        self.login = login
        self._http = requests.Session()
        self.uid = self._post(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )["uid"]

    def call(self, model: str, method: str, *args, **kwargs) -> Any:
        """Call a public method of a model, as a button does, and return its result."""
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def create(self, model: str, values: dict | list[dict], **context) -> Any:
        """Create one record (returns its id) or several (returns their ids)."""
        created = self.call(
            model, "create", values if isinstance(values, list) else [values], context=context
        )
        return created if isinstance(values, list) else created[0]

    def search(self, model: str, domain: list, **kwargs) -> list[int]:
        """Return the ids of the records that match."""
        return self.call(model, "search", domain, **kwargs)

    def read(self, model: str, domain: list, fields: list[str], **kwargs) -> list[dict]:
        """Return the values of the records that match."""
        return self.call(model, "search_read", domain, fields, **kwargs)

    def count(self, model: str, domain: list) -> int:
        """Return how many records match."""
        return self.call(model, "search_count", domain)

    def ref(self, xml_id: str) -> int:
        """Return the id of the record with this external id."""
        module, name = xml_id.split(".")
        [row] = self.read(
            "ir.model.data", [("module", "=", module), ("name", "=", name)], ["res_id"]
        )
        return row["res_id"]

    def _post(self, path: str, params: dict) -> Any:
        """Post a call; when it met another transaction, which undid it, post it again."""
        for attempt in range(1, PATIENCE + 1):
            answer = self._http.post(
                self.url + path,
                json={"jsonrpc": "2.0", "method": "call", "params": params},
                timeout=600,
            )
            if answer.status_code == NOBODY_THERE and attempt < PATIENCE:
                time.sleep(1)
                continue
            answer.raise_for_status()
            body = answer.json()
            if "error" not in body:
                return body.get("result")
            data = body["error"].get("data") or {}
            if data.get("name") not in CONFLICTS or attempt == PATIENCE:
                raise OdooError(data.get("message") or body["error"]["message"])
            time.sleep(1)
        return None


def wait_until(
    missing: Callable[[], int], title: str, *, total: int = 0, seconds: float = 900.0
) -> None:
    """Return when `missing()` is 0, showing how much is left.

    :param missing: asks Odoo how much is still to be done
    :param total: how much that was at the beginning, for the bar
    :param seconds: after how long without any progress to give up
    """
    with Progress(title, total or None) as progress:
        least, patience = None, time.monotonic() + seconds
        while left := missing():
            if least is None or left < least:
                least, patience = left, time.monotonic() + seconds
            elif time.monotonic() > patience:
                raise SetupError(f"{title}: nothing has moved for {seconds:.0f} seconds.")
            progress.update(max(total - left, 0))
            time.sleep(0.2)
