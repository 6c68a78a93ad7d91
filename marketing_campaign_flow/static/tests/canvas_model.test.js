import { describe, expect, test } from "@odoo/hoot";
import { runAllTimers, tick } from "@odoo/hoot-mock";

import { ConnectionLostError } from "@web/core/network/rpc";
import { CanvasModel } from "@marketing_campaign_flow/workflow_canvas/canvas_model";

import { picture, state } from "./workflow_pictures";

describe.current.tags("headless");

/** A model whose server answers `edit_canvas` by `answer`, and what it was asked. */
async function modelOf(answer) {
    const asked = [];
    const call = async (_model, method, args) => {
        if (method === "get_canvas") {
            return picture();
        }
        asked.push(args);
        return answer(asked.length);
    };
    const conflicts = [];
    const model = new CanvasModel({ call, silent: { call } }, 7, (...told) => conflicts.push(told));
    await model.load();
    return { model, asked, conflicts };
}

const well = { canvas: picture([], [], { revision: 2 }), undo: [{ do: "arrange" }], made: [] };

test("a change waits for the connection and is sent again with the same token", async () => {
    const { model, asked } = await modelOf((times) => {
        if (times < 3) {
            throw new ConnectionLostError("/web/dataset/call_kw");
        }
        return well;
    });
    const first = model.edit([{ do: "place", places: {} }]);
    const second = model.edit([{ do: "arrange" }]);
    await tick();
    expect(model.state.offline).toBe(true);
    await runAllTimers();
    model.tryAgain();
    await Promise.all([first, second]);
    expect(model.state.offline).toBe(false);
    const tokens = asked.map((args) => args[3]);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[1]).toBe(tokens[2]);
    expect(tokens[2]).not.toBe(tokens[3]);
    expect(asked.map((args) => args[1])).toEqual([1, 1, 1, 2]);
});

test("somebody else was faster: told, not done, and offered once more", async () => {
    const { model, asked, conflicts } = await modelOf((times) =>
        times === 1 ? { canvas: picture([], [], { revision: 9 }), conflict: "Carla" } : well
    );
    expect(await model.edit([{ do: "arrange" }])).toBe(null);
    expect(model.state.canUndo).toBe(false);
    const [[sentence, again]] = conflicts;
    expect(sentence).toBe("Carla");
    await again();
    expect(asked[1][1]).toBe(9);
    expect(model.state.canUndo).toBe(true);
});

test("what the server refuses is drawn as it was, and said", async () => {
    const { model } = await modelOf(() => {
        throw new Error("refused");
    });
    model.foresee({ a: state("a", { x: 300 }) });
    expect(model.canvas.states.a.x).toBe(300);
    await expect(model.edit([{ do: "arrange" }])).rejects.toThrow("refused");
    expect(model.canvas.states.a).toBe(undefined);
});
