import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor, hexToRGBA } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";

import { messagesChart, moneyChart, peopleChart, tableRows } from "./outlook_charts";

const TONES = {
    good: "fa-check-circle text-success",
    bad: "fa-exclamation-triangle text-danger",
    warning: "fa-exclamation-circle text-warning",
};

/** What a campaign will probably do: sentences, charts, and the numbers in tables. */
export class Outlook extends Component {
    static template = "marketing_campaign_flow.Outlook";
    static props = { ...standardFieldProps };

    setup() {
        this.canvases = {
            people: useRef("people"),
            messages: useRef("messages"),
            money: useRef("money"),
        };
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const charts = Object.entries(this.configurations())
                    .filter(([name]) => this.canvases[name].el)
                    .map(([name, chart]) => new Chart(this.canvases[name].el, chart));
                return () => charts.forEach((chart) => chart.destroy());
            },
            () => [JSON.stringify(this.outlook)]
        );
    }

    get outlook() {
        return this.props.record.data[this.props.name] || { sentences: [], days: [] };
    }

    get sections() {
        const { days, people = [], messages = [], money } = this.outlook;
        const sections = [];
        if (days.length) {
            sections.push({ name: "people", title: _t("Where people are"), series: people });
        }
        if (messages.length) {
            sections.push({ name: "messages", title: _t("Messages per day"), series: messages });
        }
        if (money) {
            const series = [{ label: _t("Cost"), values: money.values }];
            sections.push({ name: "money", title: _t("Cost and budget"), series });
        }
        return sections;
    }

    configurations() {
        const scheme = cookie.get("color_scheme");
        const look = {
            text: getCustomColor(scheme, "#374151", "#E4E4E4"),
            grid: getCustomColor(scheme, "#d8dadd", "#3C3E4B"),
            danger: getCustomColor(scheme, "#d44c59", "#ff7a85"),
            color: (index, count) => getColor(index, scheme, count),
            faint: (color) => hexToRGBA(color, 0.2),
        };
        const words = { cost: _t("Cost"), budget: _t("Budget") };
        const charts = {};
        for (const { name } of this.sections) {
            const number = (value) => this.number(value, name);
            charts[name] = {
                people: () => peopleChart(this.outlook, look, number),
                messages: () => messagesChart(this.outlook, look, number),
                money: () => moneyChart(this.outlook, look, number, words),
            }[name]();
        }
        return charts;
    }

    icon({ tone }) {
        return TONES[tone] || "fa-info-circle text-muted";
    }

    rows({ series }) {
        return tableRows(this.outlook.days, series);
    }

    number(value, name) {
        if (name === "money") {
            const { digits, currency } = this.outlook.money;
            return `${formatFloat(value, { digits: [16, digits] })} ${currency}`;
        }
        return formatFloat(Math.round(value), { digits: [16, 0] });
    }
}

registry.category("fields").add("flow_outlook", {
    component: Outlook,
    displayName: _t("Outlook of a campaign"),
    supportedTypes: ["json"],
});
