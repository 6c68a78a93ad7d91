from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import FlowCase
from .test_versions import VersionsCase


@tagged("post_install", "-at_install")
class TestActionField(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")
        cls.italy = cls.env.ref("base.it")

    @classmethod
    def custom(cls, name, ttype, **values):
        return cls.env["ir.model.fields"].create(
            {
                "name": f"x_{name}",
                "field_description": name.title(),
                "ttype": ttype,
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                **values,
            }
        )

    def field(self, name):
        return self.env["ir.model.fields"]._get("res.partner", name)

    def change(self, name, **values):
        return self.action(self.start, "field", field_id=self.field(name).id, **values)

    def form(self):
        action = self.env["flow.action"].with_user(self.user)
        return Form(
            action.with_context(
                default_state_id=self.start.id, default_workflow_id=self.workflow.id
            )
        )

    def edited(self, name, **typed):
        """Fill in the form as a marketer does, and return the action."""
        with self.form() as form:
            form.kind = "field"
            form.field_id = self.field(name)
            for editor, value in typed.items():
                form[editor] = value
        return form.record

    def test_each_type_has_its_editor(self):
        self.custom("score", "float")
        for name, typed, words in (
            ("function", {"field_value": "Buyer"}, "Job Position = Buyer"),
            ("is_company", {"field_yes_no": "yes"}, "Is a Company = Yes"),
            ("color", {"field_integer": 7}, "Color Index = 7"),
            ("x_score", {"field_float": 1.5}, "Score = 1.5"),
            ("country_id", {"field_record_id": self.italy.id}, "Country = Italy"),
            ("birthdate", {"field_date": "1990-05-06"}, "Date of birth = 05/06/1990"),
            ("lang", {"field_value": "en_US"}, "Language = English (US)"),
        ):
            action = self.edited(name, **typed)
            self.assertEqual(action.display_name, f"Change a field: {words}")
        self.launch()
        self.assertEqual(self.ann.function, "Buyer")
        self.assertTrue(self.ann.is_company)
        self.assertEqual(self.ann.color, 7)
        self.assertEqual(self.ann["x_score"], 1.5)
        self.assertEqual(self.ann.country_id, self.italy)
        self.assertEqual(self.ann.birthdate, date(1990, 5, 6))
        self.assertEqual(self.ann.lang, "en_US")

    def test_choice_is_chosen(self):
        invoice = self.field("type").selection_ids.filtered(lambda s: s.value == "invoice")
        action = self.edited("type", field_selection_id=invoice)
        self.assertEqual(action.field_value, "invoice")
        self.assertIn(invoice.name, action.display_name)
        self.launch()
        self.assertEqual(self.ann.type, "invoice")

    def test_linked_record_is_kept_whatever_its_name(self):
        action = self.edited("country_id", field_record_id=self.italy.id)
        self.italy.name = "Bel Paese"
        self.launch()
        self.assertEqual(self.ann.country_id, self.italy, action)

    def test_editors_show_what_was_said_in_words(self):
        self.assertEqual(self.change("color", field_value="7").field_integer, 7)
        self.assertEqual(self.change("is_company", field_value="True").field_yes_no, "yes")
        self.assertEqual(
            self.change("type", field_value="invoice").field_selection_id.value, "invoice"
        )

    def test_another_field_begins_anew(self):
        with self.form() as form:
            form.kind = "field"
            form.field_id = self.field("color")
            form.field_integer = 7
            form.field_id = self.field("country_id")
            self.assertFalse(form.field_value)
            form.field_record_id = self.italy.id
        self.assertEqual(form.record._typed_field_value(), self.italy.id)

    def test_empty_clears(self):
        self.partners.write({"function": "Buyer", "country_id": self.italy.id})
        self.edited("function")
        self.edited("country_id")
        self.launch()
        self.assertFalse(self.ann.function)
        self.assertFalse(self.ann.country_id)

    def test_value_of_another_field_is_taken_over(self):
        self.ann.write({"comment": False, "ref": "A-1", "country_id": self.italy.id})
        self.bob.ref = "B-2"
        action = self.edited("function", field_from="field", field_source_id=self.field("ref"))
        self.assertEqual(action.display_name, "Change a field: Job Position = Reference")
        self.launch()
        self.assertEqual(self.partners.mapped("function"), ["A-1", "B-2", False])

    def test_number_moment_and_record_are_taken_over(self):
        self.custom("score", "float")
        self.custom("origin", "many2one", relation="res.country")
        self.custom("seen", "datetime")
        self.ann.write({"color": 3, "country_id": self.italy.id, "x_seen": "2026-05-05 23:30:00"})
        for name, source in (
            ("x_score", "color"),
            ("x_origin", "country_id"),
            ("birthdate", "x_seen"),
        ):
            self.change(name, field_from="field", field_source_id=self.field(source).id)
        self.launch()
        self.assertEqual(self.ann["x_score"], 3)
        self.assertEqual(self.ann["x_origin"], self.italy)
        self.assertEqual(self.ann.birthdate, date(2026, 5, 6), "after midnight in Rome")

    def test_one_write_per_value(self):
        self.partners[:2].ref = "same"
        action = self.change("function", field_from="field", field_source_id=self.field("ref").id)
        groups = [len(group) for _value, group in action._values_of(self.partners)]
        self.assertEqual(sorted(groups), [1, 2])

    def test_day_counted_from_today(self):
        action = self.edited("birthdate", field_from="today", field_days=3)
        self.assertIn("in 3 days", action.display_name)
        self.launch()
        today = action._local_day(self.participant(self.ann).entered_at)
        self.assertEqual((self.ann.birthdate - today).days, 3)

    def test_bad_values_are_refused_in_plain_words(self):
        for name, values, words in (
            ("color", {"field_value": "red"}, "“red” is not a value"),
            ("function", {"field_from": "today"}, "is not a date"),
            (
                "function",
                {"field_from": "field", "field_source_id": self.field("color").id},
                "do not fit",
            ),
            (
                "country_id",
                {"field_from": "field", "field_source_id": self.field("state_id").id},
                "do not fit",
            ),
            (
                "lang",
                {"field_from": "field", "field_source_id": self.field("tz").id},
                "do not fit",
            ),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self.change(name, **values)
        with mute_logger("odoo.schema"):  # contacts have no value of it yet
            self.custom("must", "char", required=True)
        with self.assertRaisesRegex(ValidationError, "must not be empty"):
            self.change("x_must")

    def test_contact_that_is_gone_is_skipped(self):
        self.change("function", field_value="Buyer", timing="delay")
        self.launch()
        self.env.cr.execute(
            "UPDATE flow_participant SET res_id = 0 WHERE res_id = %s", self.ann.ids
        )
        steps = self.steps(self.bob) | self.env["flow.step"].search(
            [("participant_id.res_id", "=", 0)]
        )
        self.env.invalidate_all()
        self.pass_time(days=1, minutes=1)
        self.assertEqual(set(steps.mapped("status")), {"done", "skipped"})


@tagged("post_install", "-at_install")
class TestFieldInVersions(VersionsCase):
    def test_another_value_is_told_in_words(self):
        country = self.env["ir.model.fields"]._get("res.partner", "country_id")
        action = self.action(
            self.invited,
            "field",
            field_id=country.id,
            field_record_id=self.env.ref("base.it").id,
            field_value="Italy",
        )
        self.launch()
        self.edit()
        self.assertFalse(self.told())
        self.new(action).write(
            {"field_record_id": self.env.ref("base.fr").id, "field_value": "France"}
        )
        ((what, _place, _name, details, _people),) = self.told()
        self.assertEqual(what, "changed")
        self.assertIn("Italy", details)
        self.assertIn("France", details)
