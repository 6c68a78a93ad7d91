"""What a worker does about webhooks, inside Odoo; every commit is real."""

import os
import time

from odoo.addons.marketing_campaign_flow.engine import webhook_client
from odoo.addons.marketing_campaign_flow.engine.settings import WEBHOOKS_ALLOWED

from faults.tasks import CONTACTS, EFFECTS, NEVER, odoo_environment, work


def build(
    registry, tag: str, contacts: int, url: str, allowed: str, parameters: dict | None = None
):
    """Launch a campaign that calls a webhook; return its id and the secret.

    :param allowed: what webhooks may reach beyond public addresses
    :param parameters: system parameters by name, without the addon's
    """
    with odoo_environment(registry) as env:
        env["ir.config_parameter"].set_param(WEBHOOKS_ALLOWED, allowed)
        for name, value in (parameters or {}).items():
            env["ir.config_parameter"].set_param(f"marketing_campaign_flow.{name}", value)
        env.cr.execute(EFFECTS)
        env.cr.execute(CONTACTS, {"tag": tag, "count": contacts, "poison": NEVER})
        audience = env["flow.audience"].create(
            {"name": tag, "use_criteria": True, "domain": f"[('email', '=like', '{tag}%')]"}
        )
        campaign = env["flow.campaign"].create({"name": tag, "audience_id": audience.id})
        workflow = campaign.workflow_id
        workflow.state_ids.unlink()
        told, over = (
            env["flow.state"].create(
                {"workflow_id": workflow.id, "name": key, "kind": kind, "key": key}
            )
            for key, kind in (("told", "start"), ("over", "done"))
        )
        action = env["flow.action"].create(
            {"state_id": told.id, "key": "tell", "kind": "webhook", "webhook_url": url}
        )
        env["flow.transition"].create(
            {
                "workflow_id": workflow.id,
                "state_id": told.id,
                "target_id": over.id,
                "trigger": "done",
            }
        )
        campaign.action_launch()
        return [campaign.id, action.webhook_secret]


def impatient_work(registry, seconds: float) -> float:
    """Work with a shorter limit of time for each call; return how long that took."""
    webhook_client.send.__defaults__ = (*webhook_client.send.__defaults__[:-1], seconds)
    started = time.monotonic()
    work(registry)
    return time.monotonic() - started


def names_lie(registry, addresses: list[list[str]], authorities: str = "") -> None:
    """Work while a name has other addresses each time that it is looked up.

    :param authorities: path of the certificates that are trusted
    """
    os.environ["SSL_CERT_FILE"] = authorities
    answers = iter(addresses)
    webhook_client.look_up = lambda _host, _port, _seconds: next(answers)
    work(registry)
