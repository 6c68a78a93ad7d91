from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .action_case import ActionCase

NAME_THEM = "records.write({'function': '%s of %s' % (env.user.login, len(records))})"


@tagged("post_install", "-at_install")
class TestActionServerAction(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server_action = cls.server("Name them", code=NAME_THEM)

    @classmethod
    def server(cls, name, **values):
        return cls.env["ir.actions.server"].create(
            {
                "name": name,
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "flow_released": True,
                **values,
            }
        )

    def run_it(self, server_action=None, **values):
        server_action = server_action or self.server_action
        return self.action(self.start, "server_action", server_action_id=server_action.id, **values)

    def test_code_runs_once_for_all_contacts_as_the_responsible(self):
        self.run_it()
        self.launch()
        self.assertEqual(set(self.partners.mapped("function")), {"flow_user of 3"})
        self.assertEqual(self.reasons()["Ann"], ("done", False))

    def test_other_types_run_for_each_contact(self):
        write = {"state": "object_write", "update_path": "function", "value": "Buyer"}
        self.run_it(self.server("Write", **write))
        self.launch()
        self.assertEqual(set(self.partners.mapped("function")), {"Buyer"})

    def test_rights_of_the_responsible_hold(self):
        self.run_it()
        self.campaign.action_launch()
        self.user.group_ids -= self.env.ref("base.group_partner_manager")
        with mute_logger("odoo.addons.base.models.ir_actions"):
            self.run_engine()
        self.assertFalse(self.ann.function)
        self.assertEqual(self.reasons()["Ann"][0], "scheduled")

    def test_contact_that_breaks_it_does_not_break_the_others(self):
        code = "[1 / 0 for record in records if record.name == 'Bob']\n" + NAME_THEM
        self.run_it(self.server("Break", code=code))
        self.launch()
        self.assertEqual(self.reasons()["Bob"][0], "scheduled")
        self.assertIn("division", self.reasons()["Bob"][1])
        self.assertEqual(self.reasons()["Ann"][0], "done")
        self.assertTrue(self.cleo.function)
        self.assertFalse(self.bob.function)

    def test_action_that_is_not_released_is_refused_at_launch(self):
        self.server_action.flow_released = False
        self.run_it()
        with self.assertRaisesRegex(UserError, "“Name them” is not released for campaigns"):
            self.campaign.with_user(self.user).action_launch()

    def test_release_that_was_taken_back_stops_a_running_campaign(self):
        self.run_it(timing="delay", delay_value=1)
        self.launch()
        self.server_action.flow_released = False
        self.pass_time(days=1)
        self.assertFalse(self.ann.function)
        self.assertIn("is not released for campaigns", self.reasons()["Ann"][1])
        self.server_action.flow_released = True
        self.pass_time(minutes=10)
        self.assertTrue(self.ann.function, "released again, it is tried again")

    def test_action_for_other_records_is_refused_at_launch(self):
        users = self.env["ir.model"]._get_id("res.users")
        self.run_it(self.server("Users", model_id=users, code="records.unlink()"))
        with self.assertRaisesRegex(UserError, "another kind of record"):
            self.campaign.action_launch()

    def test_action_that_calls_a_webhook_is_refused_at_launch_even_hidden_in_another(self):
        call = self.server(
            "Call", state="webhook", webhook_url="https://shop.example", flow_released=False
        )
        several = self.server("Several", state="multi", child_ids=call.ids)
        self.run_it(several)
        with self.assertRaisesRegex(UserError, "calls a webhook"):
            self.campaign.action_launch()

    def test_only_administrators_release(self):
        unreleased = self.server("Secret", flow_released=False, code="1")
        values = {"name": "Mine", "model_id": unreleased.model_id.id, "state": "code"}
        for server_actions in (
            self.env["ir.actions.server"].with_user(self.user),
            self.env["ir.actions.server"].with_user(self.user).sudo(),  # code of other addons
        ):
            mine = server_actions.browse(unreleased.id)
            for release in (
                lambda mine=mine: mine.write({"flow_released": True}),
                lambda mine=mine: mine.copy({"flow_released": True}),
                lambda mine=mine: mine.create({**values, "flow_released": True}),
                lambda mine=mine: mine.with_context(default_flow_released=True).create(values),
                lambda mine=mine: mine.web_save({"flow_released": True}, {}),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    release()
        self.assertFalse(unreleased.flow_released)
        imported = (
            self.env["ir.actions.server"]
            .with_user(self.user)
            .load(["name", "model_id/.id", "state", "flow_released"],
                  [["Import", str(unreleased.model_id.id), "code", "True"]])
        )  # fmt: skip
        self.assertFalse(imported["ids"])
        self.assertTrue(imported["messages"])

    def test_scheduled_action_is_no_way_round(self):
        cron = self.env["ir.cron"].with_user(self.user).sudo()
        with self.assertRaises(AccessError), self.cr.savepoint():
            cron.create(
                {
                    "name": "Mine",
                    "model_id": self.server_action.model_id.id,
                    "state": "code",
                    "flow_released": True,
                }
            )

    def test_copy_of_an_action_is_not_released(self):
        self.assertFalse(self.server_action.copy().flow_released)

    def test_campaign_user_sees_released_actions_without_their_code(self):
        unreleased = self.server("Secret", flow_released=False, code="1")
        seen = self.env["ir.actions.server"].with_user(self.user)
        self.assertIn(self.server_action, seen.search([]))
        self.assertNotIn(unreleased, seen.search([]))
        [(found, _name)] = seen.name_search("Name them")
        self.assertEqual(found, self.server_action.id)
        for secret in ("code", "webhook_url"):
            with self.assertRaises(AccessError):
                seen.browse(self.server_action.id).read([secret])
        with self.assertRaises(AccessError):
            seen.browse(unreleased.id).read(["name"])
        for change in (
            lambda: seen.browse(self.server_action.id).write({"name": "Mine"}),
            lambda: seen.browse(self.server_action.id).unlink(),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_administrator_who_runs_campaigns_sees_all(self):
        unreleased = self.server("Secret", flow_released=False, code="1")
        admin = new_test_user(
            self.env,
            "flow_admin",
            groups="marketing_campaign_flow.group_flow_user,base.group_system",
        )
        seen = self.env["ir.actions.server"].with_user(admin).search([])
        self.assertLessEqual(unreleased | self.server_action, seen)
        unreleased.with_user(admin).flow_released = True

    def test_action_of_a_campaign_can_be_read_when_its_release_was_taken_back(self):
        action = self.run_it()
        self.server_action.flow_released = False
        self.env.invalidate_all()
        [values] = action.with_user(self.user).web_read(
            {"display_name": {}, "server_action_id": {"fields": {"display_name": {}}}}
        )
        self.assertEqual(values["display_name"], "Run a server action: Name them")
        self.assertEqual(values["server_action_id"]["display_name"], "Name them")

    def test_campaign_can_be_copied_when_the_release_was_taken_back(self):
        self.run_it()
        self.server_action.flow_released = False
        copied = self.campaign.with_user(self.user).copy()
        self.assertEqual(copied.workflow_id.action_ids.sudo().server_action_id, self.server_action)

    def test_contact_that_is_gone_is_skipped(self):
        self.run_it(timing="delay", delay_value=1)
        self.launch_and_lose(self.ann)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The contact was deleted"))
        self.assertEqual(self.bob.function, "flow_user of 2")

    def test_difference_of_versions(self):
        other = self.server("Other", code="1")
        self.run_it()
        self.assertEqual(
            self.new_version(server_action_id=other.id), ["Server action: Name them → Other"]
        )

    def test_form_is_for_marketing_users(self):
        form = self.form("server_action")
        with self.assertRaises(AssertionError):
            form.save()
        form.server_action_id = self.server_action.with_user(self.user)
        self.assertEqual(form.save().server_action_id, self.server_action)

    def test_administrator_releases_on_the_form_of_the_action(self):
        unreleased = self.server("Secret", flow_released=False, code="1")
        with Form(unreleased) as form:
            form.flow_released = True
        self.assertTrue(unreleased.flow_released)
