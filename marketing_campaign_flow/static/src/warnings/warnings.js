import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** What somebody should look at, as small badges that say it in full. */
export class Warnings extends Component {
    static template = "marketing_campaign_flow.Warnings";
    static props = { ...standardFieldProps };

    get warnings() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("flow_warnings", {
    component: Warnings,
    displayName: _t("Warnings"),
    supportedTypes: ["json"],
});
