import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/**
 * Shows an email as its reader gets it, in a frame of its own that can do nothing: no scripts, no
 * forms, no cookies, so that pictures only members of the database can see are missing here too.
 */
export class LetterField extends Component {
    static template = "marketing_campaign_flow.LetterField";
    static props = { ...standardFieldProps };

    get letter() {
        return String(this.props.record.data[this.props.name] || "");
    }
}

registry.category("fields").add("flow_letter", {
    component: LetterField,
    displayName: _t("Email"),
    supportedTypes: ["html"],
});
