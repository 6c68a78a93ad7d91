"""The small picture of a workflow: where its boxes stand, and that names are text."""

from lxml import etree
from odoo.tests import BaseCase, tagged

from ..engine.picture import MOST_BOXES, WIDTH, Box, Way, draw

SVG = "{http://www.w3.org/2000/svg}"


@tagged("post_install", "-at_install")
class TestPicture(BaseCase):
    def draw(self, boxes, ways):
        """Return the drawing as a tree, and the left upper corner of each box by its name."""
        tree = etree.fromstring(draw(tuple(boxes), tuple(ways)))
        places = {}
        for group in tree.iter(f"{SVG}g"):
            x, y = group.get("transform").removeprefix("translate(").rstrip(")").split()
            places[group.find(f"{SVG}title").text] = float(x), float(y)
        return tree, places

    def test_ways_lead_to_the_right(self):
        boxes = [Box("a", "A", "start"), Box("b", "B"), Box("c", "C", "goal")]
        tree, places = self.draw(boxes, [Way("a", "b"), Way("b", "c"), Way("a", "c")])
        self.assertLess(places["A"][0], places["B"][0])
        self.assertLess(places["B"][0], places["C"][0])
        self.assertEqual(len(tree.findall(f"{SVG}path[@class='o_flow_arrow']")), 3)
        self.assertEqual(tree.get("aria-label"), "A → B → C")

    def test_ways_back_and_to_itself_have_an_end(self):
        boxes = [Box("a", "A", "start"), Box("b", "B")]
        ways = [Way("a", "b"), Way("b", "a"), Way("b", "b"), Way("b", "gone"), Way("gone", "a")]
        tree, places = self.draw(boxes, ways)
        self.assertLess(places["A"][0], places["B"][0])
        self.assertEqual(len(tree.findall(f"{SVG}path[@class='o_flow_arrow']")), 2)

    def test_what_is_reached_from_anywhere_stands_with_the_ends(self):
        boxes = [Box("x", "Out", "exit"), Box("a", "A", "start"), Box("b", "B", "done")]
        tree, places = self.draw(boxes, [Way("a", "b"), Way(None, "x")])
        self.assertEqual(places["Out"][0], places["B"][0])
        self.assertNotEqual(places["Out"][1], places["B"][1])
        self.assertEqual(len(tree.findall(f"{SVG}path[@class='o_flow_arrow o_flow_arrow_any']")), 1)

    def test_names_are_text_and_kinds_are_known(self):
        name = "<script>alert(1)</script> & 🎉 {width}" + "x" * 300
        tree, places = self.draw([Box("a", name, 'x" onload="y', ('fa-cog"><b>',))], [])
        self.assertEqual(list(places), [name])
        self.assertFalse(list(tree.iter("script", f"{SVG}script")))
        self.assertIsNotNone(tree.find(f"{SVG}g[@class='o_flow_box o_flow_box_normal']"))

    def test_everything_stays_on_the_paper(self):
        boxes = [Box(str(n), f"State {n}") for n in range(500)]
        ways = [Way(str(n), str(n + 1)) for n in range(499)]
        for count in (0, 1, 12, 500):
            with self.subTest(count):
                tree, places = self.draw(boxes[:count], ways)
                self.assertEqual(len(places), min(count, MOST_BOXES))
                for x, y in places.values():
                    self.assertTrue(0 <= x < WIDTH)
                    self.assertTrue(0 <= y < float(tree.get("viewBox").split()[3]))
