import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";

import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";

/** The color of a line, as Odoo's graphs have it. */
export function lineColor(index, count) {
    return getColor(index, cookie.get("color_scheme"), count);
}

/**
 * A line chart, and the same as a table: for whoever cannot see it, and for whoever wants to read or
 * open single numbers.
 */
export class MonitorChart extends Component {
    static template = "marketing_campaign_flow.MonitorChart";
    static props = {
        label: String,
        data: Object,
        texts: { type: Array, optional: true }, // of each line its values in words
        onOpen: { type: Function, optional: true }, // (index of the line, index of the point)
        showLegend: { type: Boolean, optional: true },
        besideTitle: { type: Boolean, optional: true }, // the switch stands in the line above
    };
    static defaultProps = { showLegend: true, besideTitle: false };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ showTable: false });
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.data)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        const { labels, datasets } = this.props.data;
        if (this.chart && this.chart.data.datasets.length === datasets.length) {
            this.chart.data.labels = labels;
            // What somebody has hidden by a click on the legend stays hidden.
            datasets.forEach((line, index) => Object.assign(this.chart.data.datasets[index], line));
            this.chart.update("none");
            return;
        }
        this.chart?.destroy();
        this.chart = new Chart(this.canvas.el, this.config());
    }

    config() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#e4e4e4");
        const grid = { color: getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)") };
        const ticks = { color: text, maxRotation: 0, autoSkipPadding: 16 };
        return {
            type: "line",
            data: JSON.parse(JSON.stringify(this.props.data)),
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                scales: {
                    x: { ticks, grid: { display: false } },
                    y: {
                        beginAtZero: true,
                        grace: "5%",
                        grid,
                        ticks: { ...ticks, precision: 0, callback: (value) => this.short(value) },
                    },
                },
                plugins: {
                    legend: {
                        display: this.props.showLegend,
                        position: "top",
                        align: "end",
                        labels: { color: text, usePointStyle: true, boxHeight: 6 },
                    },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, datasetIndex, dataIndex }) =>
                                `${dataset.label}: ${this.text(datasetIndex, dataIndex)}`,
                        },
                    },
                },
                onClick: (ev) => this.onClick(ev),
                onHover: (ev, elements) => {
                    const isLink = elements.length && this.props.onOpen;
                    ev.native.target.style.cursor = isLink ? "pointer" : "";
                },
            },
        };
    }

    onClick(ev) {
        const [nearest] = this.chart.getElementsAtEventForMode(
            ev,
            "nearest",
            { intersect: false },
            false
        );
        if (nearest) {
            this.props.onOpen?.(nearest.datasetIndex, nearest.index);
        }
    }

    short(value) {
        const digits = { humanReadable: true, decimals: 1 };
        return Math.abs(value) >= 1000 ? formatFloat(value, digits) : formatFloat(value, { digits: [0, 0] });
    }

    text(line, point) {
        const { datasets } = this.props.data;
        const [words, value] = [this.props.texts?.[line]?.[point], datasets[line].data[point]];
        return words ?? formatFloat(value, { digits: [0, 0] });
    }

    get toggleLabel() {
        return this.state.showTable ? _t("Show the chart") : _t("Show the numbers");
    }

    get rows() {
        const { labels, datasets } = this.props.data;
        return labels.map((label, point) => ({
            label,
            cells: datasets.map((_line, line) => this.text(line, point)),
        }));
    }
}
