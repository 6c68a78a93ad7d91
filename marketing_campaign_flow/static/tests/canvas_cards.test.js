import { describe, expect, test } from "@odoo/hoot";

import { cardsOf, keepSame } from "@marketing_campaign_flow/workflow_canvas/canvas_cards";

import { action, picture, state, way } from "./workflow_pictures";

describe.current.tags("headless");

const drawn = (x = 0) =>
    picture(
        [
            state("a", { actions: ["m", "n"], transitions: ["w"] }),
            state("b", { x, name: "Interested" }),
            state("c"),
        ],
        [way("w", "a", "b", { actions: ["o"] })],
        { rows: 8 },
        [action("m", "a"), action("n", "a"), action("o", "w")]
    );

test("what an answer did not change stays the very same", () => {
    const before = drawn();
    const now = keepSame(before, drawn(300));
    expect(now.states.a).toBe(before.states.a);
    expect(now.transitions.w).toBe(before.transitions.w);
    expect(now.actions.m).toBe(before.actions.m);
    expect(now.states.b).not.toBe(before.states.b);
    expect(now.states.b.x).toBe(300);
});

test("only cards that show something else are other cards", () => {
    const before = drawn();
    const cards = cardsOf(before);
    const moved = cardsOf(keepSame(before, drawn(300)), cards);
    expect(moved.a).toBe(cards.a);
    expect(moved.b).not.toBe(cards.b);
    const renamed = drawn();
    renamed.states.b.name = "Curious";
    const now = cardsOf(keepSame(before, renamed), cards);
    expect(now.a.ways[0].target).toBe("Curious"); // its way out says where it leads
    expect(now.c).toBe(cards.c);
});

test("a card shows its first rows, and how many there are beside", () => {
    const { a } = cardsOf({ ...drawn(), rows: 1 });
    expect(a.actions.length).toBe(0);
    expect(a.hidden).toBe(2);
    expect(a.ways[0].actions[0].key).toBe("o");
});

test("a card that may not be edited any more is another card", () => {
    const cards = cardsOf(drawn());
    const locked = cardsOf(keepSame(drawn(), { ...drawn(), editable: false }), cards);
    expect(locked.a).not.toBe(cards.a);
});
