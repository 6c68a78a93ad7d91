import itertools
import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models.flow_workflow_canvas_figures import Figures
from .test_versions import VersionsCase


@tagged("post_install", "-at_install")
class TestWorkflowCanvas(VersionsCase):
    def setUp(self):
        super().setUp()
        self.mine = self.workflow.with_user(self.user)

    def canvas(self, workflow=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (workflow or self.mine).get_canvas()

    def edit_canvas(self, *commands, workflow=None):
        workflow = workflow or self.mine
        answer = workflow.edit_canvas(self.canvas(workflow)["revision"], list(commands))
        self.assertNotIn("conflict", answer)
        return answer

    def design(self, workflow=None):
        """Return all that a workflow does, free of ids."""
        self.env.flush_all()
        self.env.invalidate_all()
        workflow = workflow or self.workflow
        parts = (workflow.state_ids, workflow.transition_ids, workflow._planned_actions())
        found = {}
        for part in (one for records in parts for one in records._as_parts()):
            raw = {name: value.raw for name, value in part.values.items()}
            found[part.identity] = (part.name, part.owner, raw)
        return found

    # -- reading -------------------------------------------------------------------------------

    def test_the_picture_says_what_happens_in_words(self):
        canvas = self.canvas()
        json.dumps(canvas)  # nothing but plain values
        invited = canvas["states"]["invited"]
        self.assertEqual((invited["name"], invited["kind"]), ("Invited", "start"))
        [action] = [canvas["actions"][key] for key in invited["actions"]]
        self.assertEqual((action["title"], action["icon"]), ("Invitation", "fa-envelope-o"))
        opened, silence = [canvas["transitions"][key] for key in invited["transitions"]]
        self.assertEqual(silence["words"], "After 3 days")
        self.assertEqual((opened["source"], opened["target"]), ("invited", "interested"))
        self.assertLess(invited["x"], canvas["states"]["reminded"]["x"])
        self.assertTrue(canvas["editable"])

    def test_lanes_are_the_phases_in_their_order(self):
        first, second = self.phases[:2]
        (self.invited | self.reminded).phase_id = second
        self.interested.phase_id = first
        canvas = self.canvas()
        names = [lane["name"] for lane in canvas["lanes"]]
        self.assertEqual(names, [first.name, second.name])  # an end needs no lane of its own
        self.reminded.phase_id = False
        self.assertEqual(self.canvas()["lanes"][-1]["name"], "At any time")
        lanes = {key: one["lane"] for key, one in canvas["states"].items()}
        self.assertEqual((lanes["invited"], lanes["interested"], lanes["over"]), (1, 0, 1))

    def test_a_check_marks_the_part_that_it_is_about(self):
        lost = self.state("Lost", sequence=9)
        self.invitation.mailing_id.body_html = ""
        canvas = self.canvas()
        sentences = [mark["text"] for mark in canvas["states"][lost.key]["problems"]]
        self.assertIn("No way out leads to the state “Lost”.", sentences)
        [mark] = canvas["actions"][self.invitation.key]["problems"][:1]
        self.assertIn("not complete", mark["text"])
        self.assertEqual(canvas["states"]["invited"]["problems"], [])

    def test_ways_from_any_state_and_ways_that_stay(self):
        out = self.transition(None, self.over, "event", event_kind="unsubscribed")
        thanks = self.transition(self.invited, None, "event", event_kind="clicked")
        canvas = self.canvas()
        self.assertEqual(canvas["any"], [out.key])
        self.assertFalse(canvas["transitions"][out.key]["source"])
        self.assertFalse(canvas["transitions"][thanks.key]["target"])

    def statements(self):
        """Return how many statements it takes to read the picture anew."""
        self.canvas()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.mine.get_canvas()
        return self.env.cr.sql_log_count - before

    def test_the_number_of_statements_does_not_grow_with_the_states(self):
        def fill(number):
            states = [self.state(f"More {number} {n}", sequence=20 + n) for n in range(number)]
            for one, other in itertools.pairwise(states):
                self.transition(one, other, "timeout")
                self.action(one, "wait")

        fill(3)
        few = self.statements()
        fill(40)
        self.assertLessEqual(self.statements(), few + 3)

    def test_emails_and_filters_cost_no_statement_each(self):
        def fill(number):
            for n in range(number):
                state = self.state(f"Mail {number} {n}", sequence=20 + n)
                self.email(state, f"Mail {number} {n}")
                self.transition(state, self.over, "timeout", guard="[('email', '!=', False)]")

        fill(2)
        few = self.statements()
        fill(10)
        # a filter is tried between two savepoints; nothing is looked for
        self.assertLessEqual(self.statements(), few + 2 * 10 + 3)

    def test_names_of_any_kind_are_told_as_they_are(self):
        name = "<b>Größe</b> & „Ende“ 🎉 " + 275 * "x"
        self.invited.name = name
        self.assertEqual(self.canvas()["states"]["invited"]["name"], name)

    def test_who_may_not_see_an_email_sees_the_picture_without_its_subject(self):
        self.env["ir.rule"].create(
            {
                "name": "emails of others",
                "model_id": self.env["ir.model"]._get_id("mailing.mailing"),
                "domain_force": str([("id", "!=", self.invitation.mailing_id.id)]),
            }
        )
        self.env.registry.clear_cache()
        canvas = self.canvas()
        action = canvas["actions"][self.invitation.key]
        self.assertEqual(action["title"], "Send email")
        self.env.invalidate_all()
        [problem] = self.invitation.with_user(self.user)._seen_problems()
        self.assertEqual(problem, "“Send email” uses what you have no right to see.")
        self.assertEqual(canvas["actions"][self.reminder.key]["title"], "Reminder")

    def test_an_empty_workflow_and_one_of_five_hundred_states(self):
        self.workflow.state_ids.unlink()
        self.assertEqual(self.canvas()["states"], {})
        self.env["flow.state"].create(
            [{"workflow_id": self.workflow.id, "name": f"S{n}", "sequence": n} for n in range(500)]
        )
        self.assertEqual(len(self.canvas()["states"]), 500)

    def test_figures_of_a_running_campaign_and_who_is_behind_them(self):
        self.launch()
        canvas = self.canvas()
        self.assertFalse(canvas["editable"])
        self.assertTrue(canvas["can_renew"])
        self.assertEqual(canvas["states"]["invited"]["figures"]["here"], 3)
        action = canvas["actions"][self.invitation.key]
        self.assertEqual((action["figures"]["sent"], action["figures"]["opened"]), (3, 0))
        self.trace(self.ann).set_opened()
        self.pass_time(days=4)
        canvas = self.canvas()
        self.assertEqual(canvas["actions"][self.invitation.key]["figures"]["opened"], 33)
        self.assertEqual(canvas["transitions"][self.silence.key]["figures"]["passed"], 2)
        self.assertEqual(canvas["states"]["interested"]["figures"]["here"], 1)
        for part, key, figure, number in (
            ("state", "reminded", "here", 2),
            ("state", "interested", "here", 1),
            ("transition", self.silence.key, "passed", 2),
            ("action", self.invitation.key, "done", 3),
            ("action", self.invitation.key, "opened", 1),
        ):
            view = self.mine.action_view_behind(part, key, figure)
            found = self.env[view["res_model"]].with_user(self.user).search(view["domain"])
            self.assertEqual(len(found), number, (part, key, figure))

    def test_figures_are_told_on_their_own_and_watched(self):
        self.assertIs(self.mine.get_canvas_figures(), False)  # not launched
        self.launch()
        self.trace(self.ann).set_opened()
        self.pass_time(days=4)
        draft = self.edit().with_user(self.user)
        for workflow in (self.mine, draft):
            canvas = self.canvas(workflow)
            self.assertTrue(canvas["running"])
            figures = workflow.get_canvas_figures()
            json.dumps(figures)  # nothing but plain values
            for parts in ("states", "transitions", "actions"):
                told = {key: part["figures"] for key, part in canvas[parts].items()}
                self.assertEqual(figures[parts], told)
            rates = [key for key, action in canvas["actions"].items() if action["has_rates"]]
            self.assertEqual(sorted(figures["with_rates"]), sorted(rates))
        self.assertEqual(figures["states"]["interested"]["here"], 1)
        self.assertEqual(
            self.env["flow.pulse"].search_count([("campaign_id", "=", self.campaign.id)]), 1
        )

    def test_that_somebody_watches_is_written_down_last(self):
        """Whoever tells of a click waits for that row: not while the figures are read."""
        self.launch()
        watched, has_rates = [], Figures.has_rates

        def look(figures, key):
            watched.append(self.env["flow.pulse"].search_count([]))
            return has_rates(figures, key)

        with patch.object(Figures, "has_rates", look):
            self.mine.get_canvas_figures()
        self.assertEqual(set(watched), {0})

    def test_figures_are_for_who_may_read_the_workflow(self):
        self.launch()
        stranger = new_test_user(self.env, "stranger of figures", "base.group_user")
        with self.assertRaises(AccessError):
            self.mine.with_user(stranger).get_canvas_figures()

    def test_figures_cost_the_same_whatever_the_number_of_parts(self):
        self.launch()
        draft = self.edit().with_user(self.user)
        draft.get_canvas_figures()  # somebody watches from now on

        def statements():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            draft.get_canvas_figures()
            return self.env.cr.sql_log_count - before

        few = statements()
        self.env["flow.state"].create(
            [{"workflow_id": draft.id, "name": f"S{n}"} for n in range(30)]
        )
        self.assertEqual(statements(), few)

    def test_a_draft_beside_the_published_version_says_what_is_different(self):
        self.launch()
        draft = self.edit().with_user(self.user)
        new = self.env["flow.state"].create({"workflow_id": draft.id, "name": "Second try"})
        self.new(self.silence).delay_value = 5
        self.new(self.over).unlink()
        canvas = self.canvas(draft)
        self.assertEqual(canvas["states"][new.key]["change"]["what"], "added")
        change = canvas["transitions"][self.silence.key]["change"]
        self.assertEqual((change["what"], change["details"]), ("changed", ["After: 3 → 5"]))
        self.assertFalse(canvas["states"]["invited"]["change"])
        self.assertIn("State: Over", canvas["removed"])
        self.assertEqual(canvas["states"]["invited"]["figures"]["here"], 3)

    # -- editing -------------------------------------------------------------------------------

    def test_a_state_is_added_joined_and_renamed(self):
        answer = self.edit_canvas(
            {"do": "add", "part": "state", "key": "0123456789ab", "values": {"name": "Next"}},
            {
                "do": "add",
                "part": "transition",
                "values": {"source": "reminded", "target": "0123456789ab", "trigger": "done"},
            },
            {
                "do": "change",
                "part": "state",
                "key": "0123456789ab",
                "values": {"name": "Third try"},
            },
        )
        self.assertEqual(answer["made"][0], ["state", "0123456789ab"])
        state = self.workflow.state_ids.filtered(lambda one: one.key == "0123456789ab")
        self.assertEqual(state.name, "Third try")
        self.assertIn(state, self.reminded.transition_ids.target_id)

    def test_every_command_is_undone_and_done_again(self):
        of_reminder = {"event_kind": "clicked", "event_action_id": self.reminder.id}
        self.transition(self.reminded, None, "event", **of_reminder)
        self.action(self.invited, "move", move_state_id=self.reminded.id)
        invited_rows = self.invited.transition_ids.sorted().mapped("key")
        over, email, way = ["state", "over"], ["action", self.invitation.key], self.silence.key
        back = {"source": "reminded", "target": "invited", "trigger": "manual"}
        asked = {"name": "Asked", "color": 4, "phase_id": self.phases[1].id}
        for command in (
            {"do": "add", "part": "state", "values": {"name": "New"}, "at": [5, 6]},
            {"do": "add", "part": "transition", "values": back},
            {"do": "change", "part": "state", "key": "invited", "values": asked},
            {"do": "change", "part": "transition", "key": way, "values": {"target": "over"}},
            {"do": "place", "places": {"invited": [100, -20], "over": [400, 300]}},
            {"do": "order", "part": "transition", "keys": invited_rows[::-1]},
            {"do": "remove", "parts": [["state", "reminded"]]},
            {"do": "remove", "parts": [email, ["transition", way]]},
            {"do": "remove", "parts": [["state", "invited"], ["state", "reminded"], over]},
        ):
            with self.subTest(command=command):
                before, places = self.design(), self.places()
                undo = self.edit_canvas(command)["undo"]
                after, after_places = self.design(), self.places()
                self.assertNotEqual((before, places), (after, after_places))
                redo = self.edit_canvas(*undo)["undo"]
                self.assertEqual((self.design(), self.places()), (before, places))
                undo = self.edit_canvas(*redo)["undo"]
                self.assertEqual((self.design(), self.places()), (after, after_places))
                self.edit_canvas(*undo)
                self.assertEqual(self.design(), before)

    def places(self):
        canvas = self.canvas()
        places = {key: (one["x"], one["y"]) for key, one in canvas["states"].items()}
        rows = {key: one["transitions"] for key, one in canvas["states"].items()}
        return canvas["arranged"], places, rows

    def test_an_email_that_was_removed_comes_back_with_its_text_and_key(self):
        mailing = self.invitation.mailing_id
        undo = self.edit_canvas({"do": "remove", "parts": [["state", "invited"]]})["undo"]
        self.assertFalse(self.invitation.exists())
        self.edit_canvas(*undo)
        action = self.workflow.state_ids.filtered(lambda one: one.key == "invited").action_ids
        self.assertEqual(action.mailing_id, mailing)

    def test_a_secret_that_the_user_does_not_see_comes_back_too(self):
        secret = {"webhook_secret": "hush"}
        call = self.action(self.reminded, "webhook", webhook_url="https://example.com", **secret)
        key = call.key
        undo = self.edit_canvas({"do": "remove", "parts": [["action", key]]})["undo"]
        self.assertNotIn("hush", json.dumps(undo))
        self.edit_canvas(*undo)
        back = self.reminded.action_ids.filtered(lambda one: one.kind == "webhook")
        self.assertEqual((back.key, back.sudo().webhook_secret), (key, "hush"))

    def test_what_a_form_has_changed_is_undone_as_well(self):
        before = self.design()
        kept = self.mine.keep_part("state", "invited", self.canvas()["revision"])
        self.invited.with_user(self.user).write({"name": "Asked", "color": 3})
        self.silence.with_user(self.user).delay_value = 8
        self.edit_canvas(*kept["undo"])
        self.assertEqual(self.design(), before)

    def test_keeping_a_part_before_its_form_saves_is_no_change(self):
        seen = self.canvas()["revision"]
        self.mine.keep_part("transition", self.silence.key, seen)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.silence.with_user(self.user).guard = "[("
        self.assertNotIn("conflict", self.mine.keep_part("transition", self.silence.key, seen))
        self.launch()
        with self.assertRaises(UserError):
            revision = self.canvas()["revision"]
            self.mine.keep_part("transition", self.silence.key, revision)

    def test_a_version_of_an_email_that_a_form_deleted_comes_back_with_its_text(self):
        second = {"action_id": self.invitation.id, "arm": "B"}
        variant = self.env["flow.email.variant"].with_user(self.user).create(second)
        email = variant.mailing_id
        email.subject = "The other one"
        key = self.invitation.key
        kept = self.mine.keep_part("action", key, self.canvas()["revision"])
        self.invitation.with_user(self.user).write({"variant_ids": [(2, variant.id, 0)]})
        self.assertTrue(email.exists())
        self.edit_canvas(*kept["undo"])
        back = self.workflow.action_ids.filtered(lambda one: one.key == key).variant_ids
        self.assertEqual(back.mailing_id, email)
        back.unlink()
        self.assertTrue(email.exists())
        removed = self.env["flow.workflow.removed"].search([("workflow_id", "=", self.workflow.id)])
        removed._write({"create_date": "2020-01-01 00:00:00"})
        removed.invalidate_recordset()
        removed._gc_removed()
        self.assertFalse(removed.exists())
        self.assertFalse(email.exists())
        self.assertTrue(self.workflow.action_ids.mailing_id)

    def test_the_workflow_is_held_once_however_many_states_are_moved(self):
        def statements(*commands):
            before = self.env.cr.sql_log_count
            self.edit_canvas(*commands)
            return self.env.cr.sql_log_count - before

        for n in range(30):
            self.transition(self.over, self.state(f"More {n}", sequence=20 + n), "manual")
        keys = self.workflow.state_ids.mapped("key")
        self.edit_canvas({"do": "place", "places": {key: [0, 0] for key in keys}})
        one = statements({"do": "place", "places": {"over": [9, 9]}})
        many = statements({"do": "place", "places": {key: [5, n] for n, key in enumerate(keys)}})
        self.assertLess(many, one + 5)

    def test_moving_a_card_leaves_the_others_where_they_were_drawn(self):
        before = self.canvas()["states"]
        self.edit_canvas({"do": "place", "places": {"over": [900, 500]}})
        after = self.canvas()
        self.assertFalse(after["arranged"])
        for key, state in after["states"].items():
            at = (900, 500) if key == "over" else (before[key]["x"], before[key]["y"])
            self.assertEqual((state["x"], state["y"]), at)
        self.edit_canvas({"do": "arrange"})
        self.assertTrue(self.canvas()["arranged"])

    def test_places_go_along_with_a_copy_and_change_nothing_for_participants(self):
        self.edit_canvas({"do": "place", "places": {"over": [900, 500]}})
        self.launch()
        draft = self.edit().with_user(self.user)
        over = self.canvas(draft)["states"]["over"]
        self.assertEqual((over["x"], over["y"]), (900, 500))
        self.edit_canvas({"do": "place", "places": {"over": [0, 0]}}, workflow=draft)
        self.assertEqual(self.told(), [])

    # -- copying -------------------------------------------------------------------------------

    def test_states_are_copied_with_their_emails_and_the_ways_between_them(self):
        text = self.mine.get_copied(["invited", "reminded"])
        made = self.edit_canvas({"do": "paste", "text": text})["made"]
        self.assertEqual(len(made), 2)
        canvas = self.canvas()
        first, second = (canvas["states"][key] for _part, key in made)
        self.assertEqual((first["name"], first["kind"]), ("Invited (copy)", "normal"))
        [way] = [canvas["transitions"][key] for key in first["transitions"]]
        self.assertEqual(way["target"], second["key"])
        email = self.env["flow.action"].browse(canvas["actions"][first["actions"][0]]["id"])
        self.assertNotEqual(email.mailing_id, self.invitation.mailing_id)
        self.assertEqual(email.mailing_id.subject, "Invitation")

    def test_states_are_pasted_into_another_campaign_and_taken_back(self):
        text = self.mine.get_copied(["reminded", "over"])
        other = self.env["flow.campaign"].with_user(self.user).create({"name": "Other"})
        target = other.workflow_id
        before = set(target.state_ids.mapped("name"))
        undo = self.edit_canvas({"do": "paste", "text": text, "at": [10, 20]}, workflow=target)[
            "undo"
        ]
        self.assertEqual(set(target.state_ids.mapped("name")) - before, {"Reminded", "Over"})
        self.edit_canvas(*undo, workflow=target)
        self.assertEqual(set(target.state_ids.mapped("name")), before)

    def test_what_refers_to_a_part_that_was_not_copied_is_pasted_without_it(self):
        self.transition(
            self.reminded, None, "event", event_kind="clicked", event_action_id=self.invitation.id
        )
        self.action(self.reminded, "move", move_state_id=self.over.id)
        text = self.mine.get_copied(["reminded"])
        target = self.env["flow.campaign"].with_user(self.user).create({"name": "Other"})
        target = target.workflow_id
        [[part, key]] = self.edit_canvas({"do": "paste", "text": text}, workflow=target)["made"]
        state = target._part(part, key)
        self.assertFalse(state.transition_ids.event_action_id)
        self.assertTrue(state.transition_ids.filtered(lambda one: one.event_kind == "clicked"))
        move = state.action_ids.filtered(lambda one: one.kind == "move")
        self.assertFalse(move.move_state_id)
        self.assertIn("is not complete", " ".join(target._problems()))
        # here, the parts are there
        [[part, key]] = self.edit_canvas({"do": "paste", "text": text})["made"]
        state = self.workflow._part(part, key)
        self.assertEqual(state.transition_ids.event_action_id, self.invitation)
        self.assertEqual(state.action_ids.move_state_id, self.over)

    def test_what_is_no_workflow_is_not_pasted(self):
        for text in (
            *("", "hello", "[]", '{"format": "campaign-flow/1"}', '{"format": 1}', None),
            '{"format": "campaign-flow/1", "states": [3], "transitions": []}',
        ):
            with self.subTest(text), self.assertRaises(UserError):
                self.mine.edit_canvas(self.canvas()["revision"], [{"do": "paste", "text": text}])

    # -- two people, lost answers, wrong requests ----------------------------------------------

    def test_who_comes_second_is_told_and_nothing_is_lost(self):
        colleague = new_test_user(
            self.env, "colleague", name="Carla", groups="marketing_campaign_flow.group_flow_user"
        )
        seen = self.canvas()["revision"]
        theirs = self.workflow.with_user(colleague)
        theirs.edit_canvas(
            self.canvas(theirs)["revision"],
            [{"do": "change", "part": "state", "key": "over", "values": {"name": "Finished"}}],
        )
        mine = [{"do": "change", "part": "state", "key": "invited", "values": {"name": "Asked"}}]
        answer = self.mine.edit_canvas(seen, mine)
        self.assertIn("Carla has changed this workflow meanwhile", answer["conflict"])
        self.assertEqual(self.invited.name, "Invited")
        self.assertEqual(answer["canvas"]["states"]["over"]["name"], "Finished")
        self.mine.edit_canvas(answer["canvas"]["revision"], mine)
        self.assertEqual((self.invited.name, self.over.name), ("Asked", "Finished"))

    def test_forms_and_lists_count_as_changes_too(self):
        for change in (
            lambda: self.over.write({"name": "Finished"}),
            lambda: self.silence.write({"delay_value": 4}),
            lambda: self.reminder.unlink(),
            lambda: self.state("One more"),
        ):
            seen = self.canvas()["revision"]
            change()
            self.assertNotEqual(self.canvas()["revision"], seen)
            self.assertIn("conflict", self.mine.keep_part("state", "invited", seen))

    def test_commands_whose_answer_was_lost_are_not_carried_out_twice(self):
        seen = self.canvas()["revision"]
        commands = [{"do": "add", "part": "state", "values": {"name": "Once"}}]
        for _attempt in range(2):
            answer = self.mine.edit_canvas(seen, commands, "token")
            self.assertNotIn("conflict", answer)
        self.assertEqual(self.workflow.state_ids.mapped("name").count("Once"), 1)

    def test_a_published_version_is_not_edited(self):
        self.launch()
        for commands in (
            [{"do": "add", "part": "state", "values": {"name": "New"}}],
            [{"do": "place", "places": {"over": [1, 2]}}],
            [{"do": "change", "part": "state", "key": "over", "values": {"name": "New"}}],
        ):
            with self.assertRaises(UserError):
                self.mine.edit_canvas(self.canvas()["revision"], commands)

    def test_wrong_requests_are_refused(self):
        for commands in (
            "remove",
            [3],
            [{"do": "unlink"}],
            [{"do": ["remove"]}],
            [{"do": "add", "part": "action", "values": {}}],
            [{"do": "add", "part": "state", "values": {"workflow_id": 1}}],
            [{"do": "change", "part": "state", "key": "over", "values": {"key": "x"}}],
            [{"do": "change", "part": "state", "key": "nobody", "values": {"name": "x"}}],
            [{"do": "change", "part": "action", "key": self.reminder.key, "values": {"kind": "x"}}],
            [{"do": "place", "places": {"over": ["a", None]}}],
            [{"do": "remove", "parts": ["over"]}],
            [{"do": "put_back", "kept": 0}],
            [{"do": "put_back", "kept": "1"}],
            [{"do": "place", "places": ["over"]}],
            [{"do": "change", "part": "state", "key": "over", "values": ["name"]}],
            [{"do": "order", "part": ["state"], "keys": ["over"]}],
            [{"do": "order", "part": "transition", "keys": [self.silence.key, self.expiry.key]}],
        ):
            with self.subTest(commands), self.assertRaises(UserError):
                self.mine.edit_canvas(self.canvas()["revision"], commands)

    def test_what_was_removed_from_one_workflow_does_not_come_back_in_another(self):
        undo = self.edit_canvas({"do": "remove", "parts": [["state", "over"]]})["undo"]
        other = self.env["flow.campaign"].with_user(self.user).create({"name": "Other"})
        with self.assertRaises(UserError):
            self.edit_canvas(*undo, workflow=other.workflow_id)

    def test_only_those_who_may_see_the_campaign_do(self):
        stranger = self.stranger()
        nobody = new_test_user(self.env, "nobody", groups="base.group_user")
        for user in (stranger, nobody):
            theirs = self.workflow.with_user(user)
            for call in (
                theirs.get_canvas,
                lambda theirs=theirs: theirs.edit_canvas(0, []),
                lambda theirs=theirs: theirs.keep_part("state", "over", 0),
                lambda theirs=theirs: theirs.get_copied(["over"]),
                lambda theirs=theirs: theirs.action_view_behind("state", "over", "here"),
            ):
                with self.assertRaises(AccessError):
                    call()
