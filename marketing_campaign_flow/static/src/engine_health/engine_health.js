import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, onWillDestroy, onWillStart, useExternalListener, useState } from "@odoo/owl";

const EVERY = 30000;

const ICONS = {
    good: "fa-check-circle text-success",
    warning: "fa-exclamation-circle text-warning",
    bad: "fa-times-circle text-danger",
};

/** Whether the engine works, for managers; looks again now and then while somebody sees it. */
export class EngineHealth extends Component {
    static template = "marketing_campaign_flow.EngineHealth";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ health: null });
        onWillStart(() => this.read());
        this.timer = browser.setInterval(() => this.look(), EVERY);
        // Also of a screen that was left before it was there.
        onWillDestroy(() => browser.clearInterval(this.timer));
        useExternalListener(document, "visibilitychange", () => this.look());
    }

    async read() {
        this.state.health = await this.orm.silent.call("flow.engine.health", "get_health");
    }

    async look() {
        if (document.visibilityState === "hidden") {
            return;
        }
        try {
            await this.read();
        } catch {
            this.state.health = { ...this.state.health, isOld: true };
        }
    }

    get summary() {
        if (this.state.health.isOld) {
            return _t("The server does not answer: what you see is older.");
        }
        return {
            good: _t("All is well."),
            warning: _t("Something needs attention."),
            bad: _t("Something keeps campaigns from going on."),
        }[this.state.health.state];
    }

    icon(state) {
        return ICONS[state];
    }

    open(check) {
        this.action.doAction(check.action);
    }
}

registry.category("actions").add("flow_engine_health", EngineHealth);
