"""Blocks of an email for the members of an audience, or for the others."""

import lxml.html
from hypothesis import given
from hypothesis import strategies as st
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tests.common import BaseCase

from ..engine import letter
from ..engine.blocks import Blocks, audience_ids
from .common import FlowCase

BODY = """
<div>
  <section><p>Dear <t t-out="object.name"/>,</p></section>
  <section data-flow-audience="{gold}"><p>Golden words, <a href="https://shop.example/gold">look</a></p></section>
  <section data-flow-audience="{gold}" data-flow-audience-not="1"><p>Become golden</p></section>
  <section data-flow-audience="{locals}"><p>Our shop in Rome</p></section>
  tail
</div>
"""


class BlockCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gold, cls.locals = cls.env["flow.audience"].create(
            [
                {"name": 'Gold & "more"', "partner_ids": (cls.ann | cls.bob).ids},
                {"name": "Locals", "use_criteria": True, "domain": "[('city', '=', 'Rome')]"},
            ]
        )
        cls.bob.city = cls.cleo.city = "Rome"
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "timeout", delay_value=30)
        cls.news = cls.email(cls.start, "News")
        cls.news.mailing_id.body_html = BODY.format(gold=cls.gold.id, locals=cls.locals.id)

    def texts(self):
        """Return the plain text and the HTML of each message, by the name of its recipient."""
        return {
            mail["email_to"][0].partition("@")[0]: (
                mail["message"].get_body(("plain",)).get_content(),
                mail["body"],
            )
            for mail in self.sent
        }


@tagged("post_install", "-at_install")
class TestEmailBlocks(BlockCase):
    def test_each_gets_their_blocks_in_text_and_html(self):
        self.launch()
        expected = {
            "ann": ("Golden words", "-Become golden", "-Our shop"),
            "bob": ("Golden words", "-Become golden", "Our shop"),
            "cleo": ("-Golden words", "Become golden", "Our shop"),
        }
        texts = self.texts()
        for name, words in expected.items():
            for text in texts[name]:
                for word in (*words, f"Dear {name.title()}", "tail"):
                    check = self.assertNotIn if word.startswith("-") else self.assertIn
                    check(word.removeprefix("-"), text)
            self.assertNotIn("data-flow-audience", texts[name][1])
            self.assertIn("flow/open", texts[name][1])

    def test_links_of_a_block_lead_through_the_campaign(self):
        self.launch()
        [link] = [
            one
            for one in lxml.html.fromstring(self.texts()["ann"][1]).xpath("//a/@href")
            if "/flow/click/" in one
        ]
        self.assertTrue(link)
        self.assertEqual(self.news.get_links(), ["https://shop.example/gold"])

    def test_membership_is_that_of_the_moment_of_sending(self):
        self.campaign.action_launch()
        self.gold.partner_ids = self.cleo
        self.run_engine()
        self.assertIn("Golden words", self.texts()["cleo"][1])
        self.assertNotIn("Golden words", self.texts()["ann"][1])

    def test_an_audience_that_the_responsible_may_not_see_parks_the_message(self):
        self.campaign.action_launch()
        self.gold.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.run_engine()
        self.assertFalse(self.sent)
        self.assertTrue(self.steps(self.ann).reason)
        self.assertEqual(self.steps(self.ann).status, "scheduled")

    def test_blocks_cost_a_statement_per_audience_not_per_recipient(self):
        counts, prepare = [], letter.prepare

        def counted(action, steps):
            before = self.env.cr.sql_log_count
            found = prepare(action, steps)
            counts.append((len(steps), self.env.cr.sql_log_count - before))
            return found

        self.patch(letter, "prepare", counted)
        self.launch()
        self.audience.partner_ids = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com", "city": "Rome"} for n in range(50)]
        )
        self.campaign.enrol_at = "2020-01-01"
        self.run_engine()
        (few, first), (many, second) = counts
        self.assertEqual((few, many), (3, 50))
        self.assertLessEqual(second, first)

    def test_the_page_in_the_browser_shows_the_same_blocks(self):
        render = self.news.mailing_id._render_field
        bodies = render("body_html", self.partners.ids, compute_lang=False)
        self.assertIn("Golden words", bodies[self.ann.id])
        self.assertNotIn("Golden words", bodies[self.cleo.id])
        self.assertIn("Become golden", bodies[self.cleo.id])
        self.assertIn("Become golden", render("body_html", [0], compute_lang=False)[0])

    # -- what cannot be ----------------------------------------------------------------------

    def test_a_block_for_an_audience_that_is_gone_cannot_be_launched(self):
        self.gold.unlink()
        with self.assertRaisesRegex(UserError, "audience that is gone"):
            self.campaign.action_launch()
        self.news.mailing_id.body_html = '<p data-flow-audience="1; drop">x</p>'
        with self.assertRaisesRegex(UserError, "audience that is gone"):
            self.campaign.action_launch()

    def test_a_block_for_another_kind_of_contact_cannot_be_launched(self):
        self.gold.write({"partner_ids": False, "target_model": "mailing.contact"})
        with self.assertRaisesRegex(UserError, "another kind of contact"):
            self.campaign.action_launch()

    def test_an_audience_in_use_is_not_deleted(self):
        self.launch()
        with self.assertRaisesRegex(UserError, "which a campaign is sending"):
            self.gold.unlink()

    def test_an_audience_that_is_gone_all_the_same_parks_the_message_and_is_told(self):
        self.campaign.action_launch()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM flow_audience WHERE id = %s", [self.gold.id])
        self.env.invalidate_all()
        self.run_engine()
        self.assertFalse(self.sent)
        self.assertIn("audience that is gone", self.steps(self.ann).reason)

    # -- kept, copied, written down --------------------------------------------------------------

    def test_blocks_go_through_a_document_by_the_name_of_their_audience(self):
        document = self.campaign._to_document()
        body = document["states"][0]["actions"][0]["email"]["body_html"]
        self.assertIn('data-flow-audience-name="Gold &amp; &#34;more&#34;"', body)
        self.assertNotIn(f'data-flow-audience="{self.gold.id}"', body)
        campaign = self.env["flow.campaign"]._from_document(document, audience_id=self.audience.id)
        email = campaign.workflow_id.action_ids.mailing_id
        self.assertEqual(email._flow_audiences(), self.gold | self.locals)
        self.gold.name = "Silver"
        with self.assertRaisesRegex(UserError, "There is no “Gold"):
            self.env["flow.campaign"]._from_document(document)

    def test_a_block_is_frozen_with_the_text(self):
        self.launch()
        with self.assertRaisesRegex(UserError, "frozen"):
            self.news.mailing_id.body_html = self.news.mailing_id.body_html.replace("golden", "x")


@tagged("post_install", "-at_install")
class TestBlocks(BaseCase):
    @given(st.sets(st.integers(1, 5)), st.lists(st.tuples(st.integers(1, 5), st.booleans())))
    def test_whoever_is_in_gets_it_and_whoever_is_not_gets_the_others(self, mine, written):
        html = "".join(
            f'<p data-flow-audience="{one}"{" data-flow-audience-not=1" * turned}>{number}</p>;'
            for number, (one, turned) in enumerate(written)
        )
        template = lxml.html.fragment_fromstring(html, create_parent="div")
        shown = Blocks({one: {7} if one in mine else set() for one in range(1, 6)})
        text = shown.template_for(template, 7).text_content().split(";")[:-1]
        expected = [
            str(number) if (one in mine) != turned else ""
            for number, (one, turned) in enumerate(written)
        ]
        self.assertEqual(text, expected)
        self.assertEqual(len(template), len(written), "the template stays as it is")

    def test_audiences_of_a_body(self):
        body = """<p data-flow-audience="3"/><p data-flow-audience='3' data-flow-audience-not="9"/>
                  <p data-flow-audience=" 2 "/>"""
        self.assertEqual(audience_ids(body), [2, 3])
        self.assertEqual(audience_ids(False), [])


@tagged("post_install", "-at_install")
class TestBlocksOnThePage(BlockCase, HttpCase):
    def test_view_in_browser(self):
        self.launch()
        for person, words, others in (
            (self.ann, "Golden words", "Become golden"),
            (self.cleo, "Become golden", "Golden words"),
        ):
            email = self.news.mailing_id
            page = self.url_open(email._get_view_url(person.email, person.id)).text
            self.assertIn(words, page)
            self.assertNotIn(others, page)
