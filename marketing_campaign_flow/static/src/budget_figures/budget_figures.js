import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

const COLORS = {
    actual: "bg-primary",
    committed: "bg-info",
    expected: "bg-secondary",
    forecast: "bg-secondary",
};

/** The figures of a budget: what is planned, spent, committed, left and expected. */
export class BudgetFigures extends Component {
    static template = "marketing_campaign_flow.BudgetFigures";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get figures() {
        return this.props.record.data[this.props.name] || { cards: [], parts: [] };
    }

    color({ figure }) {
        return COLORS[figure] || "";
    }

    async open(figure) {
        if (await this.props.record.save()) {
            const { resModel, resId } = this.props.record;
            this.action.doAction(
                await this.orm.call(resModel, "action_view_money", [[resId], figure])
            );
        }
    }

    async openActivities() {
        if (await this.props.record.save()) {
            const { resModel, resId } = this.props.record;
            this.action.doAction(
                await this.orm.call(resModel, "action_view_money_by_activity", [[resId]])
            );
        }
    }
}

registry.category("fields").add("flow_budget_figures", {
    component: BudgetFigures,
    displayName: _t("Figures of a budget"),
    supportedTypes: ["json"],
});
