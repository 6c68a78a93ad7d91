import { describe, expect, test } from "@odoo/hoot";

import { History } from "@marketing_campaign_flow/workflow_canvas/canvas_history";

describe.current.tags("headless");

test("what is undone can be done again, until something else is done", async () => {
    const history = new History();
    history.push(["take b back"]);
    await history.undo(async (commands) => {
        expect(commands).toEqual(["take b back"]);
        return ["do b"];
    });
    expect([history.canUndo, history.canRedo]).toEqual([false, true]);
    await history.redo(async (commands) => {
        expect(commands).toEqual(["do b"]);
        return ["take b back again"];
    });
    expect(history.done).toEqual([["take b back again"]]);
    await history.undo(async () => ["do b"]);
    history.push(["take c back"]);
    expect(history.canRedo).toBe(false);
});

test("what the server did not undo can still be undone", async () => {
    const history = new History();
    history.push(["one"]);
    await history.undo(async () => null);
    expect([history.canUndo, history.canRedo]).toEqual([true, false]);
});

test("what took nothing back is not remembered, and not everything is for ever", () => {
    const history = new History();
    history.push([]);
    expect(history.canUndo).toBe(false);
    for (let index = 0; index < 150; index++) {
        history.push([index]);
    }
    expect(history.done.length).toBe(100);
    expect(history.done.at(-1)).toEqual([149]);
});
