from odoo.tests import tagged

from .action_case import ActionCase


@tagged("post_install", "-at_install")
class TestActionTag(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hot, cls.cold = cls.env["res.partner.category"].create(
            [{"name": "Hot"}, {"name": "Cold"}]
        )

    def tag(self, tags, **values):
        return self.action(self.start, "tag", contact_tag_ids=tags.ids, **values)

    def test_tags_are_added_to_those_that_are_there(self):
        self.ann.category_id = self.cold
        self.tag(self.hot)
        self.launch()
        self.assertEqual(self.ann.category_id, self.hot | self.cold)
        self.assertEqual(self.bob.category_id, self.hot)

    def test_tags_are_removed(self):
        self.partners.category_id = self.hot | self.cold
        self.tag(self.hot, tag_operation="remove")
        self.launch()
        self.assertEqual(self.ann.category_id, self.cold)

    def test_mailing_contacts_have_tags_too(self):
        contacts = self.take_mailing_contacts("Dora", "Emil")
        self.tag(self.hot | self.cold)
        self.launch()
        self.assertEqual(contacts.tag_ids, self.hot | self.cold)
        self.assertEqual(self.reasons()["Dora"][0], "done")

    def test_contact_that_is_gone_is_skipped(self):
        self.tag(self.hot, timing="delay", delay_value=1)
        self.launch_and_lose(self.ann)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The contact was deleted"))
        self.assertEqual(self.bob.category_id, self.hot)

    def test_it_takes_as_many_statements_for_many_contacts_as_for_few(self):
        many = self.take_partners(40)
        action = self.tag(self.hot, timing="delay", delay_value=1)
        self.launch()
        few = self.statements(action, self.partners)
        self.assertLessEqual(self.statements(action, many), few + 2)

    def test_action_without_tags_keeps_the_campaign_from_being_launched(self):
        self.tag(self.hot.browse())
        self.assertIn("The action “Tags” is not complete.", self.campaign._problems())

    def test_words_and_difference_of_versions(self):
        action = self.tag(self.hot)
        self.assertEqual(action.display_name, "Tags: + Hot")
        self.assertEqual(
            self.new_version(contact_tag_ids=(self.hot | self.cold).ids), ["Tags: Hot → Cold, Hot"]
        )

    def test_copy_of_the_campaign_has_the_tags(self):
        self.tag(self.hot)
        self.assertEqual(self.campaign.copy().workflow_id.action_ids.contact_tag_ids, self.hot)

    def test_form_asks_for_tags(self):
        form = self.form("tag")
        form.contact_tag_ids.add(self.hot)
        self.assertEqual(form.save().contact_tag_ids, self.hot)
