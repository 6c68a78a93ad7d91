import { describe, expect, test } from "@odoo/hoot";
import { queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { WorkflowCanvas } from "@marketing_campaign_flow/workflow_canvas/workflow_canvas";
import { picture, state } from "./workflow_pictures";

describe.current.tags("desktop");
defineMailModels();

/** Show and hide the picture of the workflow 7, as a form does that is left and come back to. */
async function mountForm() {
    const figures = { here: 3, held: 0, entered: 3 };
    onRpc("flow.workflow", "get_canvas", () => picture([state("a", { kind: "start", figures })]));
    onRpc("flow.workflow", "action_view_behind", () => ({}));
    mockService("action", { doAction: () => {} });
    class Form extends Component {
        static components = { WorkflowCanvas };
        static template = xml`
            <WorkflowCanvas t-if="state.isOpen" workflowId="7" onRenew="() => {}" onLeft="() => {}"/>`;
        static props = {};
        setup() {
            this.state = useState({ isOpen: true });
        }
    }
    const form = await mountWithCleanup(Form);
    await animationFrame();
    return async (isOpen) => {
        form.state.isOpen = isOpen;
        await animationFrame();
        await animationFrame();
    };
}

const percent = () => queryOne(".o_flow_percent").textContent;

test("whoever comes back from the people behind a number finds the picture as it was", async () => {
    const show = await mountForm();
    const atFirst = percent();
    await contains("[name=full]").click();
    await animationFrame();
    await contains("[name=zoom_out]").click();
    const before = percent();
    expect(before).not.toBe(atFirst);
    await contains(".o_flow_card_head .o_flow_figure").click();
    await show(false);
    await show(true);
    expect(percent()).toBe(before);
    expect(".o_flow_full").toHaveCount(1);
    await show(false);
    await show(true);
    expect(percent()).toBe(atFirst); // whoever left otherwise begins anew
    expect(".o_flow_full").toHaveCount(0);
});
