import { Dialog } from "@web/core/dialog/dialog";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { Component, useState } from "@odoo/owl";

import { showField } from "./show_field";

const MODEL = "flow.campaign";

/** What keeps a campaign from being launched, and what is hardly meant, each with a way to mend it. */
export class LaunchCheck extends Component {
    static template = "marketing_campaign_flow.LaunchCheck";
    static components = { Dialog };
    static props = { close: Function, check: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ check: this.props.check, isBusy: false });
        this.hasChanged = false;
    }

    get check() {
        return this.state.check;
    }

    get isReady() {
        return !this.check.problems.length;
    }

    async checkAgain() {
        this.hasChanged = true;
        const check = await this.orm.call(MODEL, "get_check", [[this.check.campaign_id]]);
        this.state.check = check;
    }

    async fix({ fix }) {
        if (fix.method) {
            const next = await this.orm.call(fix.model, fix.method, [[fix.id]]);
            if (next) {
                await this.action.doAction(next);
            }
            await this.checkAgain();
        } else if (!fix.action) {
            this.props.close();
            await this.showInForm(fix);
        } else if (fix.action.target === "new") {
            await this.action.doAction(fix.action, { onClose: () => this.checkAgain() });
        } else {
            this.props.close();
            await this.action.doAction(fix.action);
        }
    }

    async showInForm(place) {
        const { props, currentState } = this.action.currentController || {};
        const shown = currentState?.resId || props?.resId;
        if (props?.resModel !== MODEL || shown !== this.check.campaign_id) {
            await this.action.doAction({
                type: "ir.actions.act_window",
                res_model: MODEL,
                res_id: this.check.campaign_id,
                views: [[false, "form"]],
            });
        } else if (this.hasChanged) {
            await this.action.doAction("soft_reload");
        }
        await showField(document.querySelector(".o_action_manager"), place);
    }

    async launch() {
        this.state.isBusy = true; // nobody presses twice
        try {
            await this.orm.call(MODEL, "action_launch", [[this.check.campaign_id]]);
        } finally {
            this.state.isBusy = false;
        }
        this.hasChanged = true;
        await this.close();
    }

    async close() {
        this.props.close();
        if (this.hasChanged) {
            await this.action.doAction("soft_reload");
        }
    }
}

function openLaunchCheck(env, action) {
    env.services.dialog.add(LaunchCheck, { check: action.params });
}

registry.category("actions").add("flow_launch_check", openLaunchCheck);
