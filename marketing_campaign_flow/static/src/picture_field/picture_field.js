import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** A picture of a workflow that the server has drawn. */
export class PictureField extends Component {
    static template = "marketing_campaign_flow.PictureField";
    static props = { ...standardFieldProps };
}

registry.category("fields").add("flow_picture", {
    component: PictureField,
    displayName: _t("Picture of a workflow"),
    supportedTypes: ["html"],
});
