"""Searching on the board finds the same people as reading each column anew."""

from unittest.mock import patch

from odoo.tests import tagged

from ..models import flow_participant_board_search
from .test_participant_board import BoardCase

ANYBODY = ["|", ("name", "ilike", "example"), ("email_key", "ilike", "example")]


@tagged("post_install", "-at_install")
class TestParticipantBoardSearch(BoardCase):
    def setUp(self):
        super().setUp()
        self.launch()
        self.run_of(self.ann).action_move(self.won.id)

    def found(self, domain):
        """Return the columns with their people, who are the same when they are too many."""
        as_read = {}
        for most in (0, flow_participant_board_search.MOST):
            with patch.object(flow_participant_board_search, "MOST", most):
                groups, _bars = self.board(domain=domain)
            as_read[most] = [
                (group["state_id"][1], group["__count"], [r["name"] for r in group["__records"]])
                for group in groups
            ]
        self.assertEqual(*as_read.values())
        return as_read[0]

    def test_who_is_searched_for_is_in_their_columns(self):
        columns = self.found(ANYBODY)
        self.assertEqual([name for name, *_rest in columns], ["Invited", "Talk", "Visit", "Won"])
        self.assertEqual([count for _name, count, _people in columns], [2, 0, 0, 1])
        [invited, *_others] = self.found([("name", "ilike", "nobody")])
        self.assertEqual(invited, ("Invited", 0, []))

    def test_what_is_searched_for_may_not_be_there(self):
        columns = self.found(["!", *ANYBODY])
        self.assertEqual(sum(count for _name, count, _people in columns), 0)

    def test_people_are_looked_for_once(self):
        model = type(self.env["flow.participant"])
        looked, search = [], model._search

        def watched(self, domain, *args, **kwargs):
            looked.append("ilike" in str(domain))
            return search(self, domain, *args, **kwargs)

        no_bars = patch.object(model, "read_progress_bar", lambda *_args: {})
        with patch.object(model, "_search", watched), no_bars:
            self.board(domain=ANYBODY)
        self.assertEqual(sum(looked), 1)
        self.assertGreater(len(looked), 1)

    def test_nobody_finds_whom_they_may_not_see(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.write({"company_ids": other.ids, "company_id": other.id})
        self.campaign.invalidate_recordset()
        people = self.env["flow.participant"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id), *ANYBODY]
        self.assertEqual(people.web_read_group(domain, ["state_id"])["length"], 0)
