import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** Shows a text field that names an icon of Font Awesome as that icon. */
export class IconField extends Component {
    static template = "marketing_campaign_flow.IconField";
    static props = { ...standardFieldProps };

    get icon() {
        return this.props.record.data[this.props.name] || "";
    }
}

registry.category("fields").add("flow_icon", {
    component: IconField,
    displayName: _t("Icon"),
    supportedTypes: ["char"],
});
