"""What of a webhook leaves its database: not the values of its headers, which may be keys."""

from odoo import api, models

from .webhook import HEADER

# Headers that say how to read the content; everything else may be somebody's key.
OPEN = frozenset(
    {"accept", "accept-charset", "accept-language", "content-language", "content-type"}
)


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _to_document(self):
        values = super()._to_document()
        if "webhook_headers" in values:
            values["webhook_headers"] = _without_values(values["webhook_headers"])
        return values

    @api.model
    def _left_behind(self, dumped):
        headers = dumped.get("webhook_headers")
        return super()._left_behind(dumped) + [
            self.env._("The value of the header “%s” of a webhook: it may be a key.", name)
            for name in _without_value(headers if isinstance(headers, str) else "")
        ]

    def _kept_back(self, original):
        values = super()._kept_back(original)
        headers = original.webhook_headers
        if headers and self.webhook_headers == _without_values(headers):
            values["webhook_headers"] = headers
        return values

    def _problems(self):
        problems = super()._problems()
        if self.kind == "webhook":
            problems += [
                self.env._(
                    "Enter the value of the header “%(header)s” in “%(action)s”. It is not copied"
                    " with a workflow, because it may be a key.",
                    header=name,
                    action=self.display_name,
                )
                for name in _without_value(self.webhook_headers)
            ]
        return problems


def _headers(text):
    """Return the headers in a text, as matches; what is none is left out."""
    lines = map(str.strip, (text or "").splitlines())
    return list(filter(None, map(HEADER.fullmatch, lines)))


def _without_values(text) -> str:
    """Return headers with their names only, where the value may be a secret."""
    return "\n".join(
        one[0] if one["name"].lower() in OPEN else f"{one['name']}:" for one in _headers(text)
    )


def _without_value(text) -> list[str]:
    """Return the names of the headers that have no value."""
    return [one["name"] for one in _headers(text) if not one["value"].strip()]
