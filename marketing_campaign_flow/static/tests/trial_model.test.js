import { describe, expect, test } from "@odoo/hoot";

import { TrialModel } from "@marketing_campaign_flow/trial/trial_model";

describe.current.tags("headless");

/** A server that answers with what it was asked. */
function server() {
    const asked = [];
    const ask = async (contactId, orders, beganAt, number) => {
        asked.push({ contactId, orders, beganAt, number });
        return { began_at: "2030-01-01 09:00:00", number: 7, lines: orders };
    };
    return { asked, model: new TrialModel(ask) };
}

test("each look repeats all orders with the clock and the number of the first", async () => {
    const { asked, model } = server();
    await model.begin(3);
    await model.give({ do: "next" });
    await model.give({ do: "react", kind: "opened", letter: 0 });
    expect(asked[0]).toEqual({ contactId: 3, orders: [], beganAt: null, number: null });
    expect(asked[2].orders.map((order) => order.do)).toEqual(["next", "react"]);
    expect(asked[2].beganAt).toBe("2030-01-01 09:00:00");
    expect(asked[2].number).toBe(7);
});

test("taking back is sending one order less", async () => {
    const { model } = server();
    await model.begin(3);
    await model.give({ do: "next" });
    await model.give({ do: "next" });
    await model.takeBack();
    expect(model.orders).toEqual([{ do: "next" }]);
});

test("beginning anew takes another number", async () => {
    const { asked, model } = server();
    await model.begin(3);
    await model.begin(3);
    expect(asked[1].number).toBe(null);
    expect(model.orders).toEqual([]);
});

test("an order that fails changes nothing", async () => {
    const { model } = server();
    await model.begin(3);
    await model.give({ do: "next" });
    const { answer, ask } = model;
    model.ask = () => Promise.reject(new Error("no"));
    await expect(model.give({ do: "phase" })).rejects.toThrow("no");
    expect(model.orders).toEqual([{ do: "next" }]);
    expect(model.answer).toBe(answer);
    expect(model.isBusy).toBe(false);
    model.ask = ask;
});

test("an answer that was overtaken is dropped", async () => {
    const answers = [];
    const model = new TrialModel(() => new Promise((resolve) => answers.push(resolve)));
    model.contactId = 3;
    const first = model.look([{ do: "next" }]);
    const second = model.look([{ do: "phase" }]);
    answers[1]({ number: 2 });
    await second;
    answers[0]({ number: 1 });
    await first;
    expect(model.orders).toEqual([{ do: "phase" }]);
    expect(model.number).toBe(2);
});
