from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestFixedAudience(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners.function = "tester"
        cls.fixed = cls.make(
            kind="static", use_criteria=True, domain="[('function', '=', 'tester')]"
        )

    def test_list_is_fixed_by_the_button(self):
        self.fixed.action_freeze()
        self.assertEqual(self.fixed.frozen_count, 3)
        self.assertTrue(self.fixed.frozen_at)
        self.assertEqual(self.fixed.frozen_by, self.user)
        self.contact("Late", function="tester")
        self.ann.function = False
        self.assertEqual(self.names(self.fixed), ["Ann", "Bob", "Cleo"])
        self.fixed.action_freeze()
        self.assertEqual(self.names(self.fixed), ["Bob", "Cleo", "Late"])
        self.assertEqual(self.fixed.frozen_count, 3)
        self.fixed.action_unfreeze()
        self.ann.function = "tester"
        self.assertEqual(self.names(self.fixed), ["Ann", "Bob", "Cleo", "Late"])
        self.assertFalse(self.fixed.frozen_at)

    def test_decisions_by_hand_go_on_to_count(self):
        self.fixed.action_freeze()
        other = self.contact("Other")
        self.fixed._decide(other.ids, "in")
        self.fixed._decide(self.bob.ids, "out")
        self.assertEqual(self.names(self.fixed), ["Ann", "Cleo", "Other"])
        self.assertEqual(self.reasons(self.fixed), {"by_hand": 1})

    def test_what_leaves_out_is_written_down_too(self):
        self.contact("Twin", "ann@example.com", function="tester")
        self.fixed.write({"limit_kind": "number", "limit_number": 2})
        self.fixed.excluded_partner_ids = self.cleo
        self.fixed.action_freeze()
        self.assertEqual(self.fixed.frozen_count, 2)
        self.fixed.excluded_partner_ids = False
        self.fixed.limit_number = 1
        self.assertEqual(self.names(self.fixed), ["Ann", "Bob"])

    def test_launch_fixes_the_list(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "manual")
        self.campaign.audience_id = self.fixed
        self.launch()
        self.assertEqual(self.fixed.frozen_count, 3)
        self.contact("Late", function="tester")
        self.pass_time(minutes=6)
        self.assertEqual(len(self.campaign.participant_ids), 3)
        fixed_at = self.fixed.frozen_at
        other = self.campaign.copy({"name": "Other"})
        other.action_launch()
        self.assertEqual(self.fixed.frozen_at, fixed_at)

    def test_launch_that_is_refused_fixes_nothing(self):
        self.campaign.audience_id = self.fixed
        with self.assertRaises(UserError):  # there is no state yet
            self.campaign.action_launch()
        self.assertFalse(self.fixed.frozen_at)

    def test_live_audience_is_not_fixed_at_launch(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "manual")
        self.launch()
        self.assertFalse(self.audience.frozen_at)

    def test_back_to_an_audience_that_is_kept_up_to_date(self):
        self.fixed.action_freeze()
        self.fixed.kind = "dynamic"
        self.assertFalse(self.fixed.frozen_at)
        self.assertFalse(self.env["flow.audience.member"].search([]))

    def test_kind_of_people_stays_while_the_list_is_fixed(self):
        self.fixed.action_freeze()
        with self.assertRaises(UserError):
            self.fixed.target_model = "mailing.contact"

    def test_merged_contacts_stay_in_the_list(self):
        self.fixed.action_freeze()
        kept = self.contact("Kept")
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((kept + self.bob).ids, kept)
        self.assertEqual(self.names(self.fixed), ["Ann", "Cleo", "Kept"])
        merge._merge((kept + self.cleo).ids, kept)
        self.assertEqual(self.names(self.fixed), ["Ann", "Kept"])

    def test_copy_begins_live(self):
        self.fixed.action_freeze()
        duplicate = self.fixed.copy()
        self.assertFalse(duplicate.frozen_at)
        self.assertNotEqual(duplicate.seed, self.fixed.seed)

    def test_nobody_claims_that_a_list_is_fixed(self):
        with self.assertRaises(AccessError):
            self.fixed.frozen_at = "2030-01-01"
