from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..engine import settings
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestSettings(FlowCase):
    """An administrator sets how often the engine looks, and how long time-outs wait."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")

    def set(self, **values):
        self.env["res.config.settings"].create(values).execute()

    def test_settings_show_the_defaults(self):
        shown = self.env["res.config.settings"].create({})
        self.assertEqual((shown.flow_sweep_minutes, shown.flow_settle_seconds), (60, 60))

    def test_filters_are_looked_at_as_often_as_set(self):
        self.set(flow_sweep_minutes=10)
        self.transition(
            self.start, self.over, "condition", condition="[('function', '=', 'Buyer')]"
        )
        self.launch()
        self.ann.function = "Buyer"
        self.pass_time(minutes=9)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(minutes=2)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_time_outs_wait_as_long_as_set(self):
        self.set(flow_settle_seconds=600)
        self.transition(self.start, self.over, "timeout", delay_value=1)
        self.launch()
        self.pass_time(days=1, minutes=9)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(minutes=2)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_values_beyond_the_bounds_are_refused(self):
        for values in (
            {"flow_sweep_minutes": 4},
            {"flow_sweep_minutes": 1441},
            {"flow_settle_seconds": 0},
            {"flow_settle_seconds": 3601},
        ):
            with self.assertRaisesRegex(ValidationError, "is between"):
                self.set(**values)

    def test_parameters_written_by_hand_stay_within_the_bounds(self):
        for text, seconds in (
            ("nonsense", 60),
            ("", 60),
            ("-5", 1),
            ("99999", 3600),
            ("120", 120),
        ):
            self.env["ir.config_parameter"].set_param(settings.SETTLE.parameter, text)
            self.assertEqual(settings.SETTLE.value(self.env).total_seconds(), seconds)

    def test_settings_screen_opens_from_the_menu(self):
        action = self.env.ref("marketing_campaign_flow.res_config_settings_action")
        menu = self.env.ref("marketing_campaign_flow.menu_settings")
        self.assertEqual(menu.action, action)
        arch = self.env["res.config.settings"].get_view(view_type="form")["arch"]
        self.assertIn("flow_sweep_minutes", arch)
        self.assertIn("flow_lane_count", arch, "one page for all of it")
