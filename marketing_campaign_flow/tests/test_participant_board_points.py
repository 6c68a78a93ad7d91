"""A column of the board tells the points of everybody in it."""

from unittest.mock import patch

from odoo.tests import tagged

from .test_participant_board import TAKES_PART, BoardCase


@tagged("post_install", "-at_install")
class TestParticipantBoardPoints(BoardCase):
    def give(self, contact, amount):
        column = {"res.partner": "partner_id", "mailing.contact": "mailing_contact_id"}
        self.env["flow.point"].create({column[contact._name]: contact.id, "amount": amount})

    def points(self, *searched):
        """Return the points of each column, as the web client asks for them, and as cards say."""
        people = self.env["flow.participant"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id), *TAKES_PART, *searched]
        found = people.web_read_group(domain, ["state_id"], ["board_points:sum", "__count"])
        told = {group["state_id"][1]: group["board_points:sum"] for group in found["groups"]}
        people.invalidate_model(["points", "board_points"])
        cards = dict.fromkeys(told, 0)
        for one in people.search(domain):
            cards[one.state_id.display_name] += one.points
        self.assertEqual(told, cards)
        return {name: number for name, number in told.items() if number}

    def test_points_of_all_in_a_column(self):
        self.launch()
        self.assertEqual(self.points(), {})
        for contact, amount in ((self.ann, 5), (self.ann, 7), (self.bob, -2), (self.cleo, 40)):
            self.give(contact, amount)
        self.assertEqual(self.points(), {"Invited": 50})
        self.run_of(self.cleo).action_move(self.won.id)
        self.assertEqual(self.points(), {"Invited": 10, "Won": 40})
        self.assertEqual(self.points(("name", "ilike", "ann")), {"Invited": 12})

    def test_columns_are_still_counted_by_facts(self):
        self.launch()
        self.give(self.ann, 5)
        people = self.env["flow.participant"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id), *TAKES_PART]
        with patch.object(type(people), "_count_by_facts", return_value=[(self.start, 7)]):
            [told] = people._read_group(domain, ["state_id"], ["board_points:sum", "__count"])
        self.assertEqual(told, (self.start, 5, 7))

    def test_points_of_mailing_contacts(self):
        mailing_list = self.env["mailing.list"].create({"name": "Readers"})
        readers = self.env["mailing.contact"].create(
            [
                {"name": name, "email": f"{name}@example.com", "list_ids": mailing_list.ids}
                for name in ("dora", "emil")
            ]
        )
        # Somebody else has the number of the reader.
        self.give(self.env["res.partner"].browse(self.ann.id), 1000)
        self.workflow.action_ids.unlink()
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "Readers",
                "target_model": "mailing.contact",
                "mailing_list_ids": mailing_list.ids,
            }
        )
        self.launch()
        self.give(readers[0], 3)
        self.give(readers[1], 4)
        self.assertEqual(self.points(), {"Invited": 7})
