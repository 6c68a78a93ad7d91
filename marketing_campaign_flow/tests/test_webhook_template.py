import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import webhook_template
from ..engine.webhook_error import WebhookError

VALUES = {"contact": {"name": 'A "B"', "items": 3, "tags": ["x", "y"]}, "points": 3}
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@tagged("post_install", "-at_install")
class TestWebhookTemplate(BaseCase):
    def render(self, source):
        return json.loads(webhook_template.render(source, VALUES))

    def refusal(self, source, **values):
        with self.assertRaises(WebhookError) as refused:
            webhook_template.render(source, values or VALUES)
        return refused.exception.code, refused.exception.value

    def test_values_conditions_loops(self):
        self.assertEqual(
            self.render(
                """{"n": {{ contact.name | tojson }}, "i": {{ contact.items + 1 }},
                    "vip": {% if points > 2 %}true{% else %}false{% endif %},
                    "t": [{% for tag in contact.tags %}{{ tag | upper | tojson }}
                          {%- if not loop.last %},{% endif %}{% endfor %}],
                    "x": {{ (nothing | default("-") ~ contact["name"][0]) | tojson }}}"""
            ),
            {"n": 'A "B"', "i": 4, "vip": True, "t": ["X", "Y"], "x": "-A"},
        )

    @given(PLAIN)
    def test_any_value_is_told_as_it_is(self, value):
        text = webhook_template.render('{"v": {{ v | tojson }}}', {"v": value})
        self.assertEqual(json.loads(text), {"v": value})

    @given(st.text(max_size=200))
    def test_any_text_is_a_template_or_refused(self, source):
        for template in (source, "{{" + source + "}}", "{%" + source + "%}"):
            with contextlib.suppress(WebhookError):
                json.loads(webhook_template.render(template, VALUES))

    def test_unknown_names_are_named(self):
        self.assertEqual(self.refusal("{{ contact.nmae | tojson }}"), ("unknown", "nmae"))
        self.assertEqual(self.refusal("{{ kontact.name }}"), ("unknown", "kontact"))

    def test_nothing_but_values_is_reached(self):
        for source in (
            "{{ contact.__class__ }}",
            "{{ contact['__class__'] }}",
            "{{ contact.keys }}",
            "{{ contact.name.upper }}",
            "{{ contact.name.format }}",
            "{{ contact.keys() }}",
            "{{ ''|attr('__class__') }}",
            "{{ lipsum }}",
            "{{ cycler }}",
            "{{ namespace }}",
            "{{ _rounds }}",
            "{{ [1]|_counted }}",
            "{{ self.__init__ }}",
            "{{ loop }}",
            "{% for t in contact.tags %}{{ loop.__init__ }}{% endfor %}",
            "{% for t in contact.tags %}{{ loop.cycle }}{% endfor %}",
        ):
            self.assertIn(self.refusal(source)[0], ("unknown", "not_allowed"), source)

    def test_nothing_takes_long_or_much(self):
        doubling = "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 50
        nested = "{% for a in t %}" * 5 + "x" + "{% endfor %}" * 5
        for source in (
            "{% for n in range(10**9) %}1{% endfor %}",
            "{{ 'a' * 10**9 }}",
            "{{ 'a' * 1000000000 }}",
            "{{ [1] * 1000000000 }}",
            "{{ '%1000000000d' % 1 }}",
            "{{ '{:>1000000000}'.format(1) }}",
            "{{ 'a'|center(1000000000) }}",
            "{{ 1.5|round(1000000000, 'ceil') }}",
            "{{ 'a'|replace('', 'b') }}",
            "{{ lipsum(100000) }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% for n in t recursive %}{{ loop(t) }}{% endfor %}",
            doubling,
            nested,
            "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
            "{{ " + "-" * 15000 + "1 }}",
            "[" * 15000,
            "{{ (s ~ s ~ s ~ s ~ s ~ s ~ s ~ s) | tojson }}",
            "x" * 30000,
        ):
            code, _value = self.refusal(source, t=list(range(30)), s="x" * 10_000)
            self.assertIn(
                code,
                ("not_allowed", "rounds", "template_size", "body_size", "unknown", "json"),
                source,
            )

    def test_no_json(self):
        for source in ('{"n": "{{ contact.name }}"}', "", "{", "NaN", "[1,]", "{{ points }} 1"):
            self.assertEqual(self.refusal(source)[0], "json", source)

    def test_what_breaks_is_told(self):
        self.assertEqual(self.refusal("{{ 1 / 0 }}"), ("template", "division by zero"))
        self.assertEqual(self.refusal("{\n{{ 1 ")[0], "syntax")
        self.assertTrue(self.refusal("{\n{{ 1 ")[1].startswith("2: "))
