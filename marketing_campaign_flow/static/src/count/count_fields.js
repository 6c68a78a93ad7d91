import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

import { useCount } from "./count_hook";

/** Shows one of the figures of a record that means people. */
export class FigureField extends Component {
    static template = "marketing_campaign_flow.FigureField";
    static props = { ...standardFieldProps, figure: { type: String } };

    setup() {
        this.count = useCount();
    }

    get text() {
        return this.count.figures ? formatInteger(this.count.figures[this.props.figure]) : "";
    }
}

registry.category("fields").add("flow_figure", {
    component: FigureField,
    displayName: _t("Figure that is counted on demand"),
    supportedOptions: [{ label: _t("Figure"), name: "figure", type: "string" }],
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({ figure: options.figure }),
});

/** Says why nobody can be counted; nothing where all is well. */
export class CountProblemField extends Component {
    static template = "marketing_campaign_flow.CountProblemField";
    static props = { ...standardFieldProps };

    setup() {
        this.count = useCount();
    }

    get problem() {
        return this.count.figures?.problem || "";
    }
}

registry.category("fields").add("flow_count_problem", {
    component: CountProblemField,
    displayName: _t("Why nobody can be counted"),
    supportedTypes: ["char"],
});
