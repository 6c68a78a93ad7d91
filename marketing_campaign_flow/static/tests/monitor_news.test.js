import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
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

import { EngineHealth } from "@marketing_campaign_flow/engine_health/engine_health";
import { Monitor } from "@marketing_campaign_flow/monitor/monitor";
import { AGAIN, KEEP_WATCHING } from "@marketing_campaign_flow/monitor/monitor_hook";
import { arrive, figures } from "./monitor_figures";

describe.current.tags("desktop");
defineMailModels();
preloadBundle("web.chartjs_lib");

/** Mount a parent whose monitor is not opened yet; its looks wait until they are answered. */
async function mountParent(props = {}) {
    const looks = [];
    onRpc("flow.monitor", "get_figures", async ({ args }) => {
        expect.step(`look ${JSON.stringify(args)}`);
        const answer = new Deferred();
        looks.push(answer);
        const value = await answer;
        const tile = { figure: "sent", label: "Sent", icon: "fa-envelope", share: null, value };
        return figures({ tiles: [tile] });
    });
    onRpc("flow.monitor", "get_feed", () => ({ entries: [], more: false }));
    mockService("action", { doAction: () => {} });
    class Parent extends Component {
        static components = { Monitor };
        static template = xml`<Monitor t-if="state.isOpen" campaignIds="state.campaignIds"/>`;
        static props = {};
        setup() {
            this.state = useState({ isOpen: false, campaignIds: [7], ...props });
        }
    }
    const parent = await mountWithCleanup(Parent);
    const open = async (isOpen) => {
        parent.state.isOpen = isOpen;
        await animationFrame();
    };
    const answer = async (value) => {
        looks.shift().resolve(value);
        await advanceTime(50); // the way of the answer, with all its promises
        await animationFrame();
    };
    return { parent, open, answer };
}

test("a monitor opens although there is news while it reads for the first time", async () => {
    const { open, answer } = await mountParent();
    await open(true);
    await arrive(7);
    await arrive(7);
    expect.verifySteps(["look [[7],30]"]);
    await answer(4);
    expect(".o_flow_tile strong").toHaveText("4");
    await advanceTime(AGAIN);
    expect.verifySteps(["look [[7],30]"]);
    await answer(5);
    expect(".o_flow_tile strong").toHaveText("5");
    await advanceTime(2 * AGAIN);
    expect.verifySteps([]);
});

test("news that comes faster than it is read is drawn, and read once more at the end", async () => {
    const { open, answer } = await mountParent();
    await open(true);
    await answer(0);
    await advanceTime(AGAIN);
    await answer(0);
    expect.verifySteps(["look [[7],30]", "look [[7],30]"]);
    await arrive(7);
    expect.verifySteps(["look [[7],30]"]);
    for (let value = 1; value < 4; value++) {
        await advanceTime(AGAIN);
        await arrive(7); // while the look before goes on
        expect.verifySteps([]);
        await answer(value);
        expect(".o_flow_tile strong").toHaveText(String(value));
        await advanceTime(AGAIN);
        expect.verifySteps(["look [[7],30]"]);
    }
    await answer(9);
    expect(".o_flow_tile strong").toHaveText("9");
    await advanceTime(2 * AGAIN);
    expect.verifySteps([]);
});

test("news of ten campaigns are one look at once and one a moment later", async () => {
    const campaignIds = [...Array(10).keys()].map((number) => number + 1);
    const { open, answer } = await mountParent({ campaignIds });
    const look = `look [${JSON.stringify(campaignIds)},30]`;
    await open(true);
    await answer(0);
    await advanceTime(AGAIN);
    await answer(0);
    expect.verifySteps([look, look]);
    for (const campaignId of campaignIds) {
        await arrive(campaignId);
    }
    expect.verifySteps([look]);
    await answer(1);
    await advanceTime(AGAIN);
    expect.verifySteps([look]);
    await answer(2);
    expect(".o_flow_tile strong").toHaveText("2");
    await advanceTime(2 * AGAIN);
    expect.verifySteps([]);
});

test("another period drops the answer that is under way, not the looks to come", async () => {
    const { open, answer } = await mountParent();
    await open(true);
    await answer(0);
    await advanceTime(AGAIN); // the look that follows is under way …
    await contains(".btn-group button:contains(90 days)").click();
    expect.verifySteps(["look [[7],30]", "look [[7],30]", "look [[7],90]"]);
    await answer(1); // … and its answer is that of the period before
    expect(".o_flow_tile strong").toHaveText("0");
    await answer(2);
    expect(".o_flow_tile strong").toHaveText("2");
    await arrive(7);
    expect.verifySteps(["look [[7],90]"]);
    await answer(3);
    expect(".o_flow_tile strong").toHaveText("3");
    await advanceTime(AGAIN);
    expect.verifySteps(["look [[7],90]"]);
});

test("other campaigns are asked for at once, and no more by the look that was planned", async () => {
    const { parent, open, answer } = await mountParent();
    await open(true);
    await answer(0);
    expect.verifySteps(["look [[7],30]"]);
    parent.state.campaignIds = [8];
    await animationFrame();
    expect.verifySteps(["look [[8],30]"]);
    await advanceTime(2 * AGAIN); // the answer takes its time
    expect.verifySteps([]);
    await answer(8);
    expect(".o_flow_tile strong").toHaveText("8");
});

test("a monitor that was left before it opened listens no more", async () => {
    const { open, answer } = await mountParent();
    patchWithCleanup(getService("bus_service"), {
        addChannel: (name) => expect.step(`listen ${name}`),
        deleteChannel: (name) => expect.step(`leave ${name}`),
    });
    await open(true);
    expect.verifySteps(["listen flow.monitor_7", "look [[7],30]"]);
    await open(false);
    await animationFrame();
    expect.verifySteps(["leave flow.monitor_7"]);
    await answer(1);
    await arrive(7);
    await advanceTime(KEEP_WATCHING);
    expect.verifySteps([]);
});

test("a screen of the engine's health that was left before it opened looks no more", async () => {
    onRpc("flow.engine.health", "get_health", () => new Deferred());
    patchWithCleanup(EngineHealth.prototype, { look: () => expect.step("look") });
    class Parent extends Component {
        static components = { EngineHealth };
        static template = xml`<EngineHealth t-if="state.isOpen" t-props="props"/>`;
        static props = ["*"];
        setup() {
            this.state = useState({ isOpen: false });
        }
    }
    const props = { action: {}, actionId: 1, className: "" };
    const parent = await mountWithCleanup(Parent, { props });
    parent.state.isOpen = true;
    await animationFrame();
    await advanceTime(30000);
    expect.verifySteps(["look"]);
    parent.state.isOpen = false;
    await animationFrame();
    await animationFrame();
    await advanceTime(120000);
    expect.verifySteps([]);
});
