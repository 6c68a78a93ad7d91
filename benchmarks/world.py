"""The campaign that the benchmarks run: start, a day's wait, one action that changes nothing."""

from odoo.addons.marketing_campaign_flow.engine import database_clock, tick

NO_OP_KIND = "subscription"


class Campaign:
    """One campaign over all contacts of the benchmark."""

    def __init__(self, env):
        self.env = env
        self.campaign = None
        self._make_action_idle()

    def restart(self) -> None:
        """Begin with a fresh, launched campaign without participants."""
        self.remove()
        env = self.env
        audience = env["flow.audience"].create({
            "name": "Benchmark",
            "use_criteria": True,
            "domain": "[('email', '=like', 'contact%@example.com')]",
        })  # fmt: skip
        self.campaign = env["flow.campaign"].create(
            {"name": "Benchmark", "audience_id": audience.id, "keep_in_sync": False}
        )
        start, end = self.campaign.state_ids
        (start.phase_id, end.phase_id) = (False, False)
        middle = env["flow.state"].create(
            {"workflow_id": self.campaign.workflow_id.id, "name": "Middle", "sequence": 50}
        )
        start.transition_ids.write({"trigger": "timeout", "delay_value": 1, "target_id": middle.id})
        env["flow.transition"].create({
            "workflow_id": self.campaign.workflow_id.id,
            "state_id": middle.id,
            "target_id": end.id,
            "trigger": "manual",
        })  # fmt: skip
        env["flow.action"].create({
            "state_id": middle.id,
            "kind": NO_OP_KIND,
            "mailing_list_id": env["mailing.list"].create({"name": "Nobody"}).id,
        })  # fmt: skip
        self.campaign.action_launch()
        env.cr.commit()

    def remove(self) -> None:
        """Take the campaign and everything of it away; the tables are as good as new."""
        if self.campaign:
            self.campaign = None
            # Emptied, not deleted: dead rows of earlier rounds would be measured too.
            self.env.cr.execute("TRUNCATE flow_participant CASCADE")
            self.env.cr.execute("DELETE FROM flow_campaign")
            self.env.cr.execute("DELETE FROM flow_audience")
            self.env.cr.commit()
            self.env.invalidate_all()

    def enrol(self) -> int:
        """Enrol the audience; return how many came in."""
        return self.campaign._enrol_audience()

    def work(self) -> None:
        """Let the engine work until nothing is due."""
        tick.run(self.env)

    def pass_days(self, days: int) -> None:
        """Move the engine's clock."""
        database_clock.move(self.env, days * 24 * 3600)
        self.env.cr.commit()

    def count_done(self) -> int:
        """Return how many steps were done."""
        self.env.cr.execute("SELECT count(*) FROM flow_step WHERE status = 'done'")
        return self.env.cr.fetchone()[0]

    def _make_action_idle(self) -> None:
        action = self.env.registry["flow.action"]
        setattr(action, f"_run_{NO_OP_KIND}", lambda _action, _steps: {})
