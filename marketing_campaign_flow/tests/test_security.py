from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestSecurity(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start, over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.email(start)
        cls.transition(start, over, "event", event_kind="opened")
        cls.outsider = new_test_user(cls.env, "flow_outsider", groups="base.group_user")

    def test_people_without_the_group_see_nothing(self):
        for model in (
            "flow.campaign",
            "flow.participant",
            "flow.step",
            "flow.event",
            "flow.audience",
            "flow.cost",
            "flow.objective",
            "flow.workflow",
            "flow.state",
            "flow.phase",
            "flow.phase.task",
            "flow.visit",
            "flow.fact",
            "flow.activity.report",
            "flow.report",
            "flow.attribution",
            "flow.attribution.report",
            "flow.objective.value",
            "flow.campaign.phase",
            "flow.point",
            "flow.point.group",
            "flow.point.total",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.outsider).search([])

    def test_campaign_user_builds_and_runs_but_does_not_write_history(self):
        campaign = self.campaign.with_user(self.user)
        campaign.action_launch()
        self.run_engine()
        self.assertEqual(campaign.participant_count, 3)
        self.trace(self.ann).set_opened()
        self.run_engine()
        participant = self.participant(self.ann).with_user(self.user)
        everywhere = self.env["flow.phase.task"].create(
            {"phase_id": self.phases[1].id, "name": "Proofread"}
        )
        self.assertEqual(everywhere.with_user(self.user).name, "Proofread")
        for write in (
            lambda: participant.write({"email_key": "x@example.com"}),
            lambda: participant.unlink(),
            lambda: participant.step_ids.write({"status": "scheduled"}),
            lambda: participant.event_ids.write({"kind": "clicked"}),
            lambda: participant.event_ids.unlink(),
            lambda: participant.visit_ids.unlink(),
            lambda: self.env["flow.fact"].with_user(self.user).search([]).unlink(),
            lambda: self.env["flow.attribution"].with_user(self.user).create({}),
            lambda: campaign.phase_id.write({"name": "Mine"}),
            lambda: everywhere.with_user(self.user).write({"name": "Mine"}),
            lambda: campaign.phase_row_ids.unlink(),
        ):
            with self.assertRaises(AccessError):
                write()

    def test_nobody_acts_with_the_rights_of_somebody_else(self):
        admin = self.env.ref("base.user_admin")
        manager = new_test_user(
            self.env, "flow_boss", groups="marketing_campaign_flow.group_flow_manager"
        )
        colleague = new_test_user(
            self.env, "flow_colleague", groups="marketing_campaign_flow.group_flow_user"
        )
        campaigns = self.env["flow.campaign"]
        for user, responsible in (
            (self.user, admin),
            (self.user, colleague),
            (manager, admin),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.campaign.with_user(user).user_id = responsible
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                campaigns.with_user(user).create({"name": "Mine", "user_id": responsible.id})
        self.campaign.with_user(manager).user_id = colleague
        self.campaign.with_user(admin).user_id = admin
        for user in (self.user, manager):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.campaign.with_user(user).action_launch()
        copied = self.campaign.with_user(self.user).copy()
        self.assertEqual(copied.user_id, self.user)
        self.campaign.with_user(self.user).user_id = self.user
        self.campaign.with_user(self.user).action_launch()

    def test_campaigns_of_another_company_are_out_of_sight(self):
        self.campaign.action_launch()
        self.run_engine()
        cost = self.env["flow.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Design", "amount": 1}
        )
        task = self.env["flow.phase.task"].create(
            {"campaign_id": self.campaign.id, "phase_id": self.phases[1].id, "name": "Proofread"}
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "flow_stranger",
            groups="marketing_campaign_flow.group_flow_manager",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        for record in (
            self.campaign,
            self.workflow,
            self.workflow.state_ids[0],
            self.workflow.action_ids[0],
            self.workflow.transition_ids[0],
            self.campaign.participant_ids[0],
            self.steps(self.ann),
            self.participant(self.ann).visit_ids,
            self.env["flow.fact"].search([], limit=1),
            self.env["flow.activity.report"].search([], limit=1),
            self.audience,
            self.campaign.phase_row_ids[0],
            task,
            cost,
        ):
            with self.assertRaises(AccessError, msg=record._name):
                record.with_user(stranger).check_access("read")
        with self.assertRaises(AccessError):
            self.campaign.with_user(stranger).action_pause()

    def test_template_belongs_to_no_campaign_and_everybody_sees_it(self):
        template = self.env["flow.workflow"].create({"name": "Newsletter"})
        start = self.env["flow.state"].create(
            {"workflow_id": template.id, "name": "Start", "kind": "start"}
        )
        way = self.env["flow.transition"].create(
            {"workflow_id": template.id, "state_id": start.id, "trigger": "manual"}
        )
        subscribe = self.action(start, "subscription", mailing_list_id=self.hot_list.id)
        for record in (template, start, way, subscribe):
            seen = record.with_user(self.user).search([("id", "=", record.id)])
            self.assertEqual(seen, record, record._name)

    def test_every_menu_opens_for_who_is_nothing_but_a_campaign_user(self):
        self.launch()
        colleague = new_test_user(
            self.env, "flow_only", groups="base.group_user,marketing_campaign_flow.group_flow_user"
        )
        menus = self.env["ir.ui.menu"].with_user(colleague).load_menus(False)
        root = self.env.ref("marketing_campaign_flow.menu_root").id
        opened = [self.open_menu(menu, colleague) for menu in self.below(menus, root)]
        self.assertIn("flow.campaign", opened)
        self.assertIn("flow.enrolment", opened)
        self.assertIn("flow_monitor", opened)
        self.assertNotIn("flow_engine_health", opened)
        self.assertNotIn("res.config.settings", opened)

    def below(self, menus, menu_id):
        """The menus below one that open something."""
        for child in menus[menu_id]["children"]:
            if menus[child]["action_id"]:
                yield menus[child]
            yield from self.below(menus, child)

    def open_menu(self, menu, user):
        """Do what the web client does; return the model whose records are shown, or the tag of a
        screen of its own."""
        if menu["action_model"] == "ir.actions.client":
            screen = self.env["ir.actions.client"].with_user(user).browse(menu["action_id"])
            return screen.sudo().tag
        action = self.env["ir.actions.act_window"].with_user(user).browse(menu["action_id"])
        [action] = action.sudo().read(["res_model", "views", "search_view_id", "help"])
        records = self.env[action["res_model"]].with_user(user)
        self.assertTrue(action["help"], f"{menu['name']} says nothing where it is empty")
        described = records.get_views(action["views"])
        for view in described["views"].values():
            self.assertTrue(view["arch"])
        fields = described["models"][action["res_model"]]["fields"]
        records.web_search_read([], {name: {} for name in fields}, limit=3)
        return action["res_model"]
