import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { keyDown, pointerDown, pointerUp, press, queryAll, queryOne, edit } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { getWebSocketWorker } from "@bus/../tests/mock_websocket";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

import { AGAIN, KEEP_WATCHING } from "@marketing_campaign_flow/monitor/monitor_hook";
import { WorkflowCanvas } from "@marketing_campaign_flow/workflow_canvas/workflow_canvas";

import { action, picture, state, way } from "./workflow_pictures";

describe.current.tags("desktop");
defineMailModels();

let shown;
let sent;
let answer;

beforeEach(() => {
    shown = picture(
        [
            state("a", { name: "Invited", kind: "start", actions: ["m"], transitions: ["w", "v"] }),
            state("b", { name: "Interested", x: 400 }),
            state("c", { name: "Over", kind: "done", x: 400, y: 200 }),
        ],
        [way("w", "a", "b", { words: "Clicked" }), way("v", "a", "c", { words: "After 3 days" })],
        {},
        [action("m", "a", { title: "Invitation", when: "2 days later" })]
    );
    sent = [];
    answer = (commands) => ({ canvas: { ...shown, revision: 2 }, undo: commands, made: [] });
    onRpc("flow.workflow", "get_canvas", () => structuredClone(shown));
    onRpc("flow.workflow", "edit_canvas", ({ args }) => {
        const [, revision, commands, token] = args;
        sent.push({ revision, commands, token });
        return structuredClone(answer(commands));
    });
});

async function mountCanvas() {
    const canvas = await mountWithCleanup(WorkflowCanvas, {
        props: { workflowId: 7, onRenew: () => {}, onLeft: () => {} },
    });
    await animationFrame();
    return canvas;
}

const card = (key) => queryOne(`.o_flow_card[data-key=${key}]`);

test("states are cards with their actions and ways out, in words", async () => {
    await mountCanvas();
    expect(queryAll(".o_flow_card").length).toBe(3);
    expect(card("a")).toHaveText(/Invited[\s\S]*Invitation[\s\S]*2 days later[\s\S]*Clicked/);
    expect(card("a")).toHaveAttribute("aria-label", /Invited.*1 actions.*2 ways out/);
    expect(".o_flow_arrow").toHaveCount(2);
});

test("names are text, whatever is in them", async () => {
    const name = "<img src=x onerror=alert(1)> 🎉 " + "x".repeat(270);
    shown.states.a.name = name;
    shown.transitions.w.words = "<b>bold</b>";
    await mountCanvas();
    expect(".o_flow_canvas img, .o_flow_canvas b").toHaveCount(0);
    expect(".o_flow_card[data-key=a] .o_flow_name").toHaveText(name);
});

test("what the checks say stands on the card", async () => {
    shown.states.b.problems = [{ level: "danger", text: "It has no way out." }];
    await mountCanvas();
    expect(".o_flow_card[data-key=b] .o_flow_problem.text-danger").toHaveAttribute(
        "title", "It has no way out."
    );
});

test("an empty picture offers the first state", async () => {
    shown = picture();
    await mountCanvas();
    await contains(".o_flow_empty button").click();
    expect(sent[0].commands[0]).toInclude(["do", "add"]);
    expect(sent[0].commands[0].values.kind).toBe("start");
});

test("five hundred states are drawn", async () => {
    shown = picture(Array.from({ length: 500 }, (_one, n) => state(`s${n}`, { x: 320 * n })));
    await mountCanvas();
    expect(queryAll(".o_flow_card").length).toBeLessThan(500); // not all in one go
    for (let frame = 0; frame < 200 && queryAll(".o_flow_card").length < 500; frame++) {
        await animationFrame();
    }
    expect(queryAll(".o_flow_card").length).toBe(500);
});

test("arrow keys go from card to card, and one card is reached by Tab", async () => {
    await mountCanvas();
    expect(queryAll(".o_flow_card[tabindex='0']").length).toBe(1);
    card("a").focus();
    await press("ArrowRight");
    await animationFrame();
    expect(card("b")).toBeFocused();
    await press("ArrowDown");
    await animationFrame();
    expect(card("c")).toBeFocused();
    expect(card("c")).toHaveAttribute("tabindex", "0");
});

test("an arrow is drawn by keyboard", async () => {
    await mountCanvas();
    card("b").focus();
    await press("c");
    await press("ArrowDown");
    await press("Enter");
    await animationFrame();
    expect(sent.length).toBe(1);
    const [command] = sent[0].commands;
    expect(command.values).toEqual({ source: "b", target: "c", trigger: "done" });
});

test("a state is renamed in place", async () => {
    await mountCanvas();
    card("b").focus();
    await press("F2");
    await animationFrame();
    await edit("Curious", { confirm: "enter" });
    await animationFrame();
    expect(sent[0].commands).toEqual([
        { do: "change", part: "state", key: "b", values: { name: "Curious" } },
    ]);
});

test("Alt and arrows move a card, and rows among themselves", async () => {
    await mountCanvas();
    card("b").focus();
    await press(["alt", "ArrowRight"]);
    await animationFrame();
    expect(sent[0].commands).toEqual([{ do: "place", places: { b: [420, 0] } }]);
    queryOne(".o_flow_row[data-key=w] .o_flow_row_button").focus();
    await press(["alt", "ArrowDown"]);
    await animationFrame();
    expect(sent[1].commands).toEqual([{ do: "order", part: "transition", keys: ["v", "w"] }]);
});

test("what is undone is sent as what takes it back, and done again", async () => {
    await mountCanvas();
    card("b").focus();
    answer = () => ({ canvas: shown, undo: [{ do: "arrange" }], made: [] });
    await press(["alt", "ArrowRight"]);
    await animationFrame();
    answer = () => ({ canvas: shown, undo: [{ do: "place", places: {} }], made: [] });
    await press(["ctrl", "z"]);
    await animationFrame();
    expect(sent[1].commands).toEqual([{ do: "arrange" }]);
    await press(["ctrl", "y"]);
    await animationFrame();
    expect(sent[2].commands).toEqual([{ do: "place", places: {} }]);
});

test("taking away a state with people in it asks first", async () => {
    shown.states.b.figures = { here: 12, held: 0, entered: 12 };
    await mountCanvas();
    card("b").focus();
    await press("Delete");
    await animationFrame();
    expect(".modal").toHaveText(/: 12\./);
    expect(sent.length).toBe(0);
    await contains(".modal .btn:contains(Take away)").click();
    expect(sent[0].commands).toEqual([{ do: "remove", parts: [["state", "b"]] }]);
});

test("a picture that is not to be edited cannot be changed", async () => {
    shown.editable = false;
    await mountCanvas();
    card("b").focus();
    for (const key of ["Delete", "n", "c", "F2"]) {
        await press(key);
    }
    await press(["alt", "ArrowRight"]);
    await press(["ctrl", "z"]);
    await animationFrame();
    expect(sent.length).toBe(0);
    expect(".o_flow_palette, .o_flow_port, .o_flow_grip").toHaveCount(0);
});

test("who comes second is told by whom, and may do it all the same", async () => {
    await mountCanvas();
    const well = answer;
    answer = () => ({
        canvas: { ...shown, revision: 5 }, conflict: "Carla has changed this workflow meanwhile.",
    });
    card("b").focus();
    await press("Delete");
    await animationFrame();
    expect(".o_notification").toHaveText(/Carla has changed this workflow meanwhile/);
    expect(".o_flow_toolbar [name=undo]").not.toBeEnabled();
    answer = well;
    await contains(".o_notification button:contains(Make my change)").click();
    expect(sent.map(({ revision }) => revision)).toEqual([1, 5]);
    expect(sent[1].commands).toEqual(sent[0].commands);
});

test("dragging a card moves nothing but it and its arrows, and tells the server once", async () => {
    await mountCanvas();
    const name = card("b").querySelector(".o_flow_name");
    const { left, top, width, height } = name.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    await pointerDown(name);
    for (const step of [10, 30, 60]) {
        const ev = { clientX: x + step, clientY: y, pointerId: 1, bubbles: true, cancelable: true };
        queryOne(".o_flow_viewport").dispatchEvent(new PointerEvent("pointermove", ev));
    }
    await pointerUp(name);
    await animationFrame();
    expect(sent.length).toBe(1);
    const [command] = sent[0].commands;
    expect(command.do).toBe("place");
    expect(command.places.b[0]).toBeGreaterThan(430);
});

// -- figures of a running campaign --------------------------------------------------------------

/** Figures as the server tells them apart; each look at them is a step "look". */
function running() {
    const figures = { here: 3, held: 0, entered: 3 };
    shown.running = true;
    shown.states.a.figures = figures;
    shown.transitions.w.figures = { passed: 0 };
    const told = {
        states: { a: figures, b: { ...figures, here: 0 } },
        transitions: { w: { passed: 0 } },
        actions: { m: { planned: 0, done: 0, failed: 0 } },
        with_rates: [],
    };
    onRpc("flow.workflow", "get_canvas_figures", () => {
        expect.step("look");
        return structuredClone(told);
    });
    return told;
}

function tell(campaignId) {
    const message = { type: "flow.monitor", payload: { campaign_id: campaignId } };
    getWebSocketWorker().broadcast("BUS:NOTIFICATION", [{ id: 1, message }]);
}

test("figures change by themselves while the picture stays as it is", async () => {
    const told = running();
    await mountCanvas();
    await advanceTime(AGAIN);
    expect.verifySteps(["look"]);
    const cards = queryAll(".o_flow_card");
    told.states.a = { here: 1, held: 0, entered: 3 };
    told.states.b = { here: 2, held: 0, entered: 2 };
    told.transitions.w = { passed: 2 };
    tell(3);
    await expect.waitForSteps(["look"]);
    await animationFrame();
    expect(queryOne(".o_flow_card_head .o_flow_figure", { root: card("a") })).toHaveText("1");
    expect(queryOne(".o_flow_card_head .o_flow_figure", { root: card("b") })).toHaveText("2");
    expect(queryOne(".o_flow_passed", { root: card("a") })).toHaveText("2");
    expect(queryAll(".o_flow_card")).toEqual(cards);
    expect(sent).toEqual([]);
});

test("rows that become higher are laid out by the server", async () => {
    const told = running();
    await mountCanvas();
    told.with_rates = ["m"];
    told.actions.m = { planned: 0, done: 3, failed: 0, sent: 3, opened: 33, clicked: 0, replied: 0 };
    Object.assign(shown.actions.m, { has_rates: true, figures: told.actions.m });
    await advanceTime(AGAIN);
    expect.verifySteps(["look"]);
    await animationFrame();
    expect(".o_flow_rates").toHaveText(/3[\s\S]*33 %/);
    expect(".o_flow_rates button:first").toHaveAttribute("title", "3 sent");
});

test("figures of any size stay within their card", async () => {
    running();
    const figures = {
        planned: 0, done: 1234567, failed: 12, sent: 1234567, opened: 88, clicked: 88, replied: 88,
    };
    Object.assign(shown.actions.m, { has_rates: true, figures });
    await mountCanvas();
    const edge = card("a").getBoundingClientRect().right;
    const [sentFigure] = queryAll(".o_flow_rates button");
    expect(sentFigure).toHaveText("1.2M");
    expect(sentFigure).toHaveAttribute("title", "1,234,567 sent");
    expect(".o_flow_failed").toHaveText("12");
    for (const figure of queryAll(".o_flow_rates button, .o_flow_failed")) {
        expect(figure.getBoundingClientRect().right).toBeLessThan(edge);
    }
});

test("icons keep their size beside a long timing", async () => {
    shown.states.a.actions = ["m", "n"];
    shown.actions.n = action("n", "a", { when: "15 March 2027, 9:00, Mon–Fri 9–17, its time" });
    await mountCanvas();
    const [short, long] = queryAll(".o_flow_action .o_flow_icon");
    expect(long.getBoundingClientRect().width).toBe(short.getBoundingClientRect().width);
});

test("a picture that is too large begins where people come in", async () => {
    const states = Array.from({ length: 90 }, (_one, n) => state(`s${n}`, { x: 400, y: 100 * n }));
    shown = picture([state("a", { kind: "start", y: 6000 }), ...states]);
    await mountCanvas();
    const { top, bottom } = card("a").getBoundingClientRect();
    const room = queryOne(".o_flow_viewport").getBoundingClientRect();
    expect(top).toBeGreaterThan(room.top);
    expect(bottom).toBeLessThan(room.bottom);
});

test("keys hold on the buttons above the picture, too", async () => {
    await mountCanvas();
    queryOne("[name=full]").focus();
    await contains("[name=full]").click();
    expect(".o_flow_full").toHaveCount(1);
    await press("Escape");
    await animationFrame();
    expect(".o_flow_full").toHaveCount(0);
    await contains(".o_flow_palette[data-kind=goal]").click();
    expect(sent.length).toBe(1);
    queryOne(".o_flow_palette[data-kind=goal]").focus();
    await press(["ctrl", "z"]);
    await animationFrame();
    expect(sent.length).toBe(2);
});

test("pasting before anything was copied says so", async () => {
    mockService("notification", { add: (words) => expect.step(words) });
    await mountCanvas();
    browser.localStorage.removeItem("flow_canvas_clipboard");
    await contains("[name=paste]").click();
    expect.verifySteps(["Nothing has been copied yet: select states and copy them first."]);
    expect(sent).toEqual([]);
});

test("whoever drags or types is not disturbed by figures", async () => {
    running();
    await mountCanvas();
    await advanceTime(AGAIN);
    expect.verifySteps(["look"]);
    card("b").focus();
    await press("F2");
    await animationFrame();
    await edit("Cur");
    await advanceTime(KEEP_WATCHING + AGAIN);
    expect.verifySteps([]);
    expect(".o_flow_name_input").toHaveValue("Cur");
    await press("Escape");
    await advanceTime(AGAIN);
    expect.verifySteps(["look"]);
});

test("a campaign that has not been launched has no figures to wait for", async () => {
    onRpc("flow.workflow", "get_canvas_figures", () => expect.step("look"));
    await mountCanvas();
    await advanceTime(KEEP_WATCHING);
    expect.verifySteps([]);
});

test("the keys are told", async () => {
    await mountCanvas();
    card("a").focus();
    await keyDown("?");
    await animationFrame();
    expect(".modal .o_flow_keys").toHaveText(/Undo/);
});
