import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { useLiveView } from "@marketing_campaign_flow/live_view/live_view_hook";
import { AGAIN } from "@marketing_campaign_flow/monitor/monitor_hook";
import { arrive } from "./monitor_figures";

describe.current.tags("desktop");
defineMailModels();

/** Mount a view of the campaign 7 that counts how often it is loaded. */
async function mountView({ campaignIds = [7] } = {}) {
    const view = { isBusy: false, load: () => {} };
    onRpc("flow.campaign", "watch", ({ args }) => {
        expect.step(`watch ${args[0]}`);
        return true;
    });
    class View extends Component {
        static template = xml`<input class="o_name"/>`;
        static props = {};
        setup() {
            useLiveView({
                campaignIds: () => campaignIds,
                isBusy: () => view.isBusy,
                load: () => {
                    expect.step("load");
                    return view.load();
                },
            });
        }
    }
    await mountWithCleanup(View);
    await animationFrame();
    return view;
}

async function pass(milliseconds) {
    await advanceTime(milliseconds);
    await animationFrame();
}

test("news loads the view again, and says that somebody watches", async () => {
    await mountView();
    expect.verifySteps(["watch 7"]);
    await pass(AGAIN);
    expect.verifySteps(["load", "watch 7"]);
    await arrive(7);
    expect.verifySteps(["load", "watch 7"]);
    await pass(AGAIN);
    expect.verifySteps(["load", "watch 7"]);
    await arrive(8);
    await pass(2 * AGAIN);
    expect.verifySteps([]);
});

test("whoever is busy is left alone, and catches up afterwards", async () => {
    const view = await mountView();
    await pass(AGAIN);
    expect.verifySteps(["watch 7", "load", "watch 7"]);
    view.isBusy = true;
    await arrive(7);
    await pass(3 * AGAIN);
    expect.verifySteps([]);
    view.isBusy = false;
    await pass(AGAIN);
    expect.verifySteps(["load", "watch 7"]);
});

test("whoever types is left alone", async () => {
    await mountView();
    document.querySelector(".o_name").focus();
    await pass(3 * AGAIN);
    expect.verifySteps(["watch 7"]);
    document.querySelector(".o_name").blur();
    await pass(AGAIN);
    expect.verifySteps(["load", "watch 7"]);
});

test("a server that is away for a moment disturbs nobody", async () => {
    const view = await mountView();
    view.load = () => Promise.reject(new Error("away"));
    await pass(AGAIN);
    view.load = () => {};
    expect.verifySteps(["watch 7", "load", "watch 7"]);
    await arrive(7);
    expect.verifySteps(["load", "watch 7"]);
});

test("a campaign that was not launched is not followed", async () => {
    await mountView({ campaignIds: [] });
    await arrive(7);
    await pass(3 * AGAIN);
    expect.verifySteps([]);
});
