import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, getFixture, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    getService,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

import { LaunchCheck } from "@marketing_campaign_flow/launch_check/launch_check";
import { showField } from "@marketing_campaign_flow/launch_check/show_field";

defineMailModels();

const NAME = "<b>Spring</b> 🎉";
const READY = {
    campaign_id: 7,
    name: NAME,
    is_draft: true,
    title: "Ready to launch",
    problems: [],
    warnings: [],
    facts: ["3 people"],
    when: "The first messages go out: Monday, 9:00.",
    is_by_audience: true,
};
const MISSING = {
    ...READY,
    title: "Not ready yet",
    problems: [
        {
            text: "Nobody comes in.",
            severity: "problem",
            fix: { label: "Ask", model: "flow.campaign", id: 7, method: "ask" },
        },
        { text: "Nothing can be done.", severity: "problem", fix: null },
    ],
};

async function open(check) {
    await mountWithCleanup(WebClient);
    getService("dialog").add(LaunchCheck, { check });
    await contains(".o_flow_launch_check").click();
}

test("what is missing is mended, and the check looks again", async () => {
    onRpc("flow.campaign", "ask", () => {
        expect.step("ask");
        return false;
    });
    onRpc("flow.campaign", "get_check", ({ args }) => {
        expect.step(`check ${args[0]}`);
        return READY;
    });
    await open(MISSING);
    expect(queryAllTexts(".o_flow_finding span")).toEqual([
        "Nobody comes in.",
        "Nothing can be done.",
    ]);
    expect(".o_flow_finding button").toHaveCount(1);
    expect(".modal-footer .btn-primary").toHaveCount(0);
    await contains(".o_flow_finding button").click();
    expect.verifySteps(["ask", "check 7"]);
    expect(".o_flow_finding").toHaveCount(0);
    expect(".modal-footer .btn-primary").toHaveText("Launch");
});

test("a campaign without problems is launched from here", async () => {
    mockService("action", { doAction: (action) => expect.step(action) });
    onRpc("flow.campaign", "action_launch", ({ args }) => {
        expect.step(`launch ${args[0]}`);
        return true;
    });
    await open(READY);
    expect(".o_flow_launch_check main h4").toHaveText(NAME);
    expect(".o_flow_when").toHaveText("The first messages go out: Monday, 9:00.");
    expect(".o_flow_launch_check main > p:last-child").toHaveText(/the audience enters/);
    await contains(".modal-footer .btn-primary").click();
    expect.verifySteps(["launch 7", "soft_reload"]);
    expect(".o_flow_launch_check").toHaveCount(0);
});

test("where people come in by themselves, no audience is spoken of", async () => {
    await open({ ...READY, is_by_audience: false, when: "" });
    expect(".o_flow_when").toHaveCount(0);
    expect(".o_flow_launch_check main > p:last-child").toHaveText(/come in by themselves/);
});

test("a field is shown in its tab", async () => {
    const root = getFixture();
    root.innerHTML = `
        <div class="o_notebook_headers"><a class="nav-link" name="settings">Settings</a></div>
        <div class="o_field_widget" name="sending_rate"><input/></div>`;
    root.querySelector("a").addEventListener("click", () => expect.step("settings"));
    await showField(root, { page: "settings", field: "sending_rate" });
    expect.verifySteps(["settings"]);
    expect("input").toBeFocused();
});
