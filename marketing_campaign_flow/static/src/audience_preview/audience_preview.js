import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useState } from "@odoo/owl";

import { useCount } from "../count/count_hook";

/** What an audience comes to: who is in, who can be reached, and why others are not. */
export class AudiencePreview extends Component {
    static template = "marketing_campaign_flow.AudiencePreview";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.count = useCount();
        this.state = useState({ sample: null });
        this.formatInteger = formatInteger;
    }

    get preview() {
        return this.count.figures;
    }

    get funnel() {
        const { found, people, reachable, sms, has_phones } = this.preview;
        const bars = [
            { verdict: "all", label: _t("Found"), count: found, color: "bg-secondary" },
            { verdict: "in", label: _t("In the audience"), count: people, color: "bg-primary" },
            {
                verdict: "reachable",
                label: _t("Reachable by email"),
                count: reachable,
                color: "bg-success",
            },
        ];
        if (has_phones) {
            bars.push({ verdict: "", label: _t("Reachable by SMS"), count: sms, color: "bg-info" });
        }
        return bars;
    }

    width(count) {
        return `width: ${this.preview.found ? (100 * count) / this.preview.found : 0}%`;
    }

    async open(verdict) {
        if (!verdict || !(await this.props.record.save())) {
            return;
        }
        const { resModel, resId } = this.props.record;
        this.action.doAction(
            await this.orm.call(resModel, "action_view_verdict", [[resId], verdict])
        );
    }

    async showSample() {
        if (await this.props.record.save()) {
            const { resModel, resId } = this.props.record;
            this.state.sample = await this.orm.call(resModel, "get_sample", [[resId]]);
        }
    }
}

registry.category("fields").add("flow_audience_preview", {
    component: AudiencePreview,
    displayName: _t("Preview of an audience"),
    supportedTypes: ["char"],
});
