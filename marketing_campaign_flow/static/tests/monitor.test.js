import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    getService,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    preloadBundle,
} from "@web/../tests/web_test_helpers";

import { Monitor } from "@marketing_campaign_flow/monitor/monitor";
import {
    barWidth,
    burnDownOf,
    heatLevel,
    linesOf,
    mergeFeed,
} from "@marketing_campaign_flow/monitor/monitor_data";
import { AGAIN, KEEP_WATCHING } from "@marketing_campaign_flow/monitor/monitor_hook";
import { entry, figures, tell } from "./monitor_figures";

describe.current.tags("desktop");
defineMailModels();
preloadBundle("web.chartjs_lib");

/** Mount a monitor; each look at the figures is a step "look". */
async function mountMonitor(answers = {}, props = {}) {
    const state = { figures: figures(), feed: { entries: [entry(2), entry(1)], more: true } };
    Object.assign(state, answers);
    onRpc("flow.monitor", "get_figures", ({ args }) => {
        expect.step(`look ${JSON.stringify(args)}`);
        return state.figures;
    });
    onRpc("flow.monitor", "get_feed", ({ args }) =>
        args.length > 1 ? { entries: [entry(0)], more: false } : state.feed
    );
    onRpc("flow.monitor", "action_view", ({ args }) => ({ type: "behind", args }));
    mockService("action", { doAction: (action) => expect.step(JSON.stringify(action.args)) });
    await mountWithCleanup(Monitor, { props: { campaignIds: [7], ...props } });
    expect.verifySteps(["look [[7],30]"]);
    return state;
}

function setVisibility(value) {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}

test("levels, widths and lines", () => {
    expect([0, 1, 5, 10].map((value) => heatLevel(value, 10))).toEqual([0, 1, 3, 5]);
    expect(heatLevel(0, 0)).toBe(0);
    expect([barWidth(1, 1000), barWidth(0, 5), barWidth(5, 5), barWidth(3, 0)]).toEqual([
        1, 0, 100, 0,
    ]);
    const lines = linesOf(figures().days, (index) => `color ${index}`);
    expect(lines.labels).toEqual(["1 Jan", "2 Jan"]);
    expect(lines.datasets[0].data).toEqual([3, 1]);
    const left = burnDownOf(figures().money, "Left", () => "red", "Budget");
    expect(left.labels).toEqual(["Budget", "2 Jan"]);
    expect(left.datasets[0].data).toEqual([100, 60]);
});

test("a feed that is read again keeps what was shown, unless that leaves a gap", () => {
    const ids = (entries) => entries.map(({ id }) => id);
    expect(ids(mergeFeed([], [entry(2), entry(1)]))).toEqual([2, 1]);
    expect(ids(mergeFeed([entry(3), entry(2), entry(1)], [entry(4), entry(3)]))).toEqual([
        4, 3, 2, 1,
    ]);
    expect(ids(mergeFeed([entry(2), entry(1)], [entry(9), entry(8)]))).toEqual([9, 8]);
    expect(mergeFeed([entry(2)], [])).toEqual([]);
});

test("tiles, states, cells and links open what is behind them", async () => {
    await mountMonitor();
    await click("[name=opened].o_flow_tile");
    await animationFrame();
    await click("[name=here]:first");
    await animationFrame();
    await click(".o_flow_heat_5");
    await animationFrame();
    await click("[name=link]");
    await animationFrame();
    expect.verifySteps([
        '["opened",[7],{}]',
        '["here",[7],{"state":"a"}]',
        '["hour",[7],{"kind":"opened","weekday":1,"hour":0,"days":30}]',
        '["link",[7],{"url":"https://a.example/<x>"}]',
    ]);
});

test("names and links are shown as text", async () => {
    await mountMonitor();
    expect(".o_flow_monitor_name b").toHaveCount(0);
    expect(".o_flow_monitor_name:eq(0)").toHaveText("<b>Invited</b>");
    expect(queryAllTexts("[title='https://a.example/<x>']")).toEqual(["https://a.example/<x>"]);
});

test("each chart is a table, too, whose numbers open by keyboard", async () => {
    await mountMonitor();
    expect("canvas[role=img][aria-label]").toHaveCount(2);
    const [days, money] = queryAll(".o_flow_monitor_chart");
    expect(queryAllTexts("tbody tr", { root: days })).toEqual(["1 Jan 3", "2 Jan 1"]);
    expect(queryAllTexts("tbody tr", { root: money })).toEqual(["Budget $ 100", "2 Jan $ 60"]);
    await click(queryOne("button[title='Show the numbers']", { root: days }));
    await animationFrame();
    queryAll("tbody button", { root: days })[1].focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps(['["sent",[7],{"first":"2026-01-02","last":"2026-01-02"}]']);
});

test("news are read at once, and what came in between a moment later", async () => {
    const state = await mountMonitor();
    await advanceTime(AGAIN);
    expect.verifySteps(["look [[7],30]"]);
    const tile = { ...state.figures.tiles[0], value: 5 };
    state.figures = { ...state.figures, tiles: [tile] };
    state.feed = { entries: [entry(3), entry(2)], more: true };
    tell(7);
    await expect.waitForSteps(["look [[7],30]"]);
    await animationFrame();
    expect(".o_flow_tile strong").toHaveText("5");
    expect(queryAllTexts(".o_flow_feed li .btn-link")).toEqual(["Person 3", "Person 2", "Person 1"]);
    await advanceTime(AGAIN);
    expect.verifySteps(["look [[7],30]"]);
    await advanceTime(2 * AGAIN);
    expect.verifySteps([]);
    await advanceTime(KEEP_WATCHING);
    expect.verifySteps(["look [[7],30]"]);
});

test("news of other campaigns are none", async () => {
    await mountMonitor();
    await advanceTime(AGAIN);
    expect.verifySteps(["look [[7],30]"]);
    tell(8);
    tell(7);
    await expect.waitForSteps(["look [[7],30]"]); // the one of 7, which came later
});

test("a hidden page asks for nothing and catches up when it is seen", async () => {
    await mountMonitor();
    setVisibility("hidden");
    tell(7);
    await advanceTime(2 * KEEP_WATCHING);
    expect.verifySteps([]);
    setVisibility("visible");
    delete document.visibilityState;
    await animationFrame();
    expect.verifySteps(["look [[7],30]"]);
});

test("a connection that comes back refreshes", async () => {
    await mountMonitor();
    await advanceTime(AGAIN);
    expect.verifySteps(["look [[7],30]"]);
    const monitoring = getService("bus.monitoring_service");
    patchWithCleanup(monitoring, { workerStateOnChange() {} }); // the first connection may be late
    monitoring.isConnectionLost = true;
    await animationFrame();
    expect("[role=status]").toHaveText(/No connection/);
    monitoring.isConnectionLost = false;
    getService("bus_service").trigger("BUS:RECONNECT");
    await animationFrame();
    expect("[role=status]").toHaveText("Live");
    expect.verifySteps(["look [[7],30]"]);
});

test("a server that is away for a moment disturbs nobody", async () => {
    const state = await mountMonitor();
    Object.defineProperty(state, "figures", {
        get() {
            throw new Error("away");
        },
    });
    await advanceTime(AGAIN);
    await animationFrame();
    expect.verifySteps(["look [[7],30]"]);
    expect("[role=status]").toHaveText(/No connection/);
    expect("[name=sent].o_flow_tile strong").toHaveText("4");
});

test("another period, earlier entries", async () => {
    await mountMonitor();
    await contains(".btn-group button:contains(90 days)").click();
    expect.verifySteps(["look [[7],90]"]);
    await contains(".o_flow_feed button:contains(Show earlier ones)").click();
    expect(queryAllTexts(".o_flow_feed li .btn-link").at(-1)).toBe("Person 0");
    expect(".o_flow_feed button:contains(Show earlier ones)").toHaveCount(0);
});

test("all objectives are those of the campaigns that are shown", async () => {
    const objectives = {
        count: 2,
        rows: [
            {
                id: 1,
                campaign: "Spring",
                name: "Sent",
                words: "1 of 2",
                progress: 50,
                state: "open",
                state_label: "Under way",
            },
        ],
    };
    await mountMonitor({ figures: figures({ objectives }) });
    await contains("button[name=objectives]").click();
    expect.verifySteps(['["objectives",[7],{}]']);
});

test("a second click on earlier entries shows them once", async () => {
    await mountMonitor();
    const button = queryOne(".o_flow_feed button:contains(Show earlier ones)");
    button.click();
    button.click();
    await advanceTime(50);
    await animationFrame();
    expect(queryAllTexts(".o_flow_feed li .btn-link")).toEqual(["Person 2", "Person 1", "Person 0"]);
});
