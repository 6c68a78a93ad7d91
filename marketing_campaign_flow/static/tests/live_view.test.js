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

/** Mount a view of the campaign 7 that counts how often it is read. */
async function mountView({ campaignIds = [7] } = {}) {
    const view = { read: () => true };
    onRpc("flow.campaign", "watch", ({ args }) => {
        expect.step(`watch ${args[0]}`);
        return true;
    });
    class View extends Component {
        static template = xml`<div class="o_searchview"><input class="o_search"/></div><input class="o_name"/>`;
        static props = {};
        setup() {
            useLiveView({
                campaignIds: () => campaignIds,
                read: async (isAtWork) => {
                    expect.step("read");
                    return view.read(isAtWork);
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

test("news has the view read again, and says that somebody watches", async () => {
    await mountView();
    expect.verifySteps(["watch 7"]);
    await pass(AGAIN);
    expect.verifySteps(["read", "watch 7"]);
    await arrive(7);
    expect.verifySteps(["read", "watch 7"]);
    await pass(AGAIN);
    expect.verifySteps(["read", "watch 7"]);
    await arrive(8);
    await pass(2 * AGAIN);
    expect.verifySteps([]);
});

test("what was read while somebody began to work is read again later", async () => {
    const view = await mountView();
    view.read = (isAtWork) => {
        document.querySelector(".o_name").focus(); // while the answer is on its way
        return !isAtWork();
    };
    await pass(AGAIN);
    expect.verifySteps(["watch 7", "read", "watch 7"]);
    await pass(3 * AGAIN);
    expect.verifySteps([]);
    view.read = (isAtWork) => !isAtWork();
    document.querySelector(".o_name").blur();
    await pass(AGAIN);
    expect.verifySteps(["read", "watch 7"]);
    await pass(3 * AGAIN);
    expect.verifySteps([]);
});

test("whoever types is left alone", async () => {
    await mountView();
    document.querySelector(".o_name").focus();
    await pass(3 * AGAIN);
    expect.verifySteps(["watch 7"]);
    document.querySelector(".o_name").blur();
    await pass(AGAIN);
    expect.verifySteps(["read", "watch 7"]);
});

test("the search box, where Odoo puts the cursor, holds nothing back", async () => {
    await mountView();
    document.querySelector(".o_search").focus();
    await pass(AGAIN);
    expect.verifySteps(["watch 7", "read", "watch 7"]);
});

test("a server that is away for a moment disturbs nobody", async () => {
    const view = await mountView();
    view.read = () => Promise.reject(new Error("away"));
    await pass(AGAIN);
    view.read = () => true;
    expect.verifySteps(["watch 7", "read", "watch 7"]);
    await arrive(7);
    expect.verifySteps(["read", "watch 7"]);
});

test("a campaign that was not launched is not followed", async () => {
    await mountView({ campaignIds: [] });
    await arrive(7);
    await pass(3 * AGAIN);
    expect.verifySteps([]);
});
