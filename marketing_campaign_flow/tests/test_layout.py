from odoo.tests import BaseCase, tagged

from ..engine import layout
from ..engine.layout import COLUMN_GAP, ROW_GAP, WIDTH, Card, arrange

STEP = WIDTH + COLUMN_GAP


def card(key, *ways, **values):
    return Card(key, ways=ways, **values)


@tagged("post_install", "-at_install")
class TestLayout(BaseCase):
    def assert_apart(self, cards):
        """No card covers another."""
        places = arrange(cards)
        for index, one in enumerate(cards):
            for other in cards[index + 1 :]:
                (x, y), (other_x, other_y) = places[one.key], places[other.key]
                aside = abs(x - other_x) >= WIDTH
                above = y + one.height <= other_y or other_y + other.height <= y
                self.assertTrue(aside or above, (one.key, other.key))
        return places

    def test_nothing_to_arrange(self):
        self.assertEqual(arrange([]), {})

    def test_a_state_stands_behind_those_that_lead_to_it(self):
        cards = [card("a", "b", "c"), card("b", "c"), card("c")]
        places = self.assert_apart(cards)
        self.assertEqual([places[key][0] for key in "abc"], [0, STEP, 2 * STEP])

    def test_a_way_back_moves_nothing(self):
        ahead = arrange([card("a", "b"), card("b", "c"), card("c")])
        back = arrange([card("a", "b"), card("b", "c", "a", "b"), card("c")])
        self.assertEqual([at[0] for at in ahead.values()], [at[0] for at in back.values()])

    def test_phases_stand_side_by_side_whatever_leads_where(self):
        cards = [
            card("late", "early", lane=1),
            card("early", "late", lane=0),
            card("first", "early", lane=0),
        ]
        places = self.assert_apart(cards)
        self.assertLess(places["early"][0] + WIDTH, places["late"][0])
        self.assertLess(places["first"][0], places["early"][0])

    def test_an_end_that_only_any_state_leads_to_stands_last(self):
        places = self.assert_apart([card("a", "b"), card("b"), card("out")])
        self.assertEqual(places["out"][0], places["b"][0])

    def test_arrows_that_run_side_by_side_do_not_cross(self):
        cards = [card("s", "up", "down"), card("down", "d"), card("up", "u"), card("d"), card("u")]
        places = self.assert_apart(cards)
        self.assertEqual(places["up"][1] < places["down"][1], places["u"][1] < places["d"][1])

    def test_an_arrow_that_passes_a_column_has_room_there(self):
        cards = [card("a", "b", "b2", "c"), card("b", "c"), card("b2", "c"), card("c")]
        places = self.assert_apart(cards)
        middle = sorted([places["b"], places["b2"]], key=lambda at: at[1])
        gap = middle[1][1] - middle[0][1] - cards[1].height
        self.assertGreaterEqual(gap, ROW_GAP)

    def test_many_states_do_not_cover_each_other(self):
        cards = [
            card(f"s{n}", f"s{n + 1}", f"s{n * 7 % 60}", f"s{n + 5}", lane=n // 20, actions=n % 4)
            for n in range(60)
        ]
        self.assert_apart(cards)

    def test_five_hundred_states_without_an_arrow(self):
        self.assertEqual(len(arrange([card(f"s{n}") for n in range(500)])), 500)

    def test_five_hundred_states_in_a_row_that_all_lead_to_one_end(self):
        cards = [card(f"s{n}", f"s{n + 1}", "out") for n in range(500)] + [card("out")]
        laid_out = layout._Automatic(cards)
        work = sum(1 + len(slot.after) for column in laid_out.slots for slot in column)
        self.assertLess(work, 5 * len(cards))
        places = laid_out.places()
        self.assertEqual(places["s499"][0], 499 * STEP)
        self.assertEqual(places["out"][0], 500 * STEP)

    def test_crossings_are_counted_as_by_hand(self):
        names = [[layout._Slot((column, n), 1, column) for n in range(6)] for column in range(2)]
        left, right = names
        for source, target in ((0, 4), (0, 0), (1, 2), (1, 2), (3, 3), (4, 0), (5, 5)):
            layout._join(left[source], right[target])
        ranks = {id(slot): n for column in names for n, slot in enumerate(column)}
        # (0, 4) with both (1, 2), (3, 3) and (4, 0); both (1, 2) and (3, 3) with (4, 0)
        self.assertEqual(layout._crossings(names, ranks), 7)

    def test_what_a_person_has_placed_stays_and_others_find_room(self):
        cards = [
            card("a", "b", "c", at=(40, 40)),
            card("b", at=(40 + STEP, 40)),
            card("c"),
            card("new"),
        ]
        places = self.assert_apart(cards)
        self.assertEqual((places["a"], places["b"]), ((40, 40), (40 + STEP, 40)))
        self.assertEqual(places["c"][0], 40 + STEP)

    def test_a_state_of_a_phase_between_pushes_the_later_one_away(self):
        cards = [
            card("a", at=(0, 0), lane=0),
            card("z", at=(STEP, 0), lane=2),
            card("m", lane=1),
        ]
        places = self.assert_apart(cards)
        self.assertLess(places["a"][0] + WIDTH, places["m"][0])
        self.assertLess(places["m"][0] + WIDTH, places["z"][0])
