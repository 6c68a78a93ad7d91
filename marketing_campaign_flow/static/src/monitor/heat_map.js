import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

import { Component, useState } from "@odoo/owl";

import { heatLevel } from "./monitor_data";

/** When people react: a table of weekdays and hours, the stronger its color the more. */
export class HeatMap extends Component {
    static template = "marketing_campaign_flow.HeatMap";
    static props = { hours: Object, onOpen: Function };

    setup() {
        this.state = useState({ kind: "opened" });
        this.hourLabels = [...Array(24).keys()];
    }

    get kind() {
        return this.props.hours.kinds.find(({ kind }) => kind === this.state.kind);
    }

    get caption() {
        return _t("%(kind)s, by weekday and hour (%(zone)s)", {
            kind: this.kind.label,
            zone: this.props.hours.zone,
        });
    }

    get note() {
        return _t("Hours of your time zone, %s. The stronger the color, the more.", this.props.hours.zone);
    }

    get most() {
        return Math.max(...this.kind.rows.flat());
    }

    get rows() {
        const { most, kind } = this;
        return this.props.hours.weekdays.map(({ number, label }, index) => ({
            number,
            label,
            cells: kind.rows[index].map((value, hour) => ({
                hour,
                value,
                level: heatLevel(value, most),
                title: _t("%(weekday)s, %(from)s:00 to %(to)s:00: %(number)s", {
                    weekday: label,
                    from: hour,
                    to: hour + 1,
                    number: formatInteger(value),
                }),
            })),
        }));
    }

    open(weekday, cell) {
        if (cell.value) {
            this.props.onOpen({ kind: this.state.kind, weekday, hour: cell.hour });
        }
    }
}
