import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";

import { Component, onWillStart, onWillUpdateProps, status, useState } from "@odoo/owl";

import { Feed } from "./feed";
import { HeatMap } from "./heat_map";
import { lineColor, MonitorChart } from "./monitor_chart";
import { barWidth, burnDownOf, linesOf, mergeFeed } from "./monitor_data";
import { useLive } from "./monitor_hook";

const MODEL = "flow.monitor";

const OBJECTIVE_COLORS = {
    reached: "text-bg-success",
    on_track: "text-bg-success",
    at_risk: "text-bg-warning",
    missed: "text-bg-danger",
    open: "text-bg-info",
    unknown: "text-bg-secondary",
};
const STATE_COLORS = { start: "bg-info", goal: "bg-success", exit: "bg-warning" };

/** The figures of some campaigns, or of all, up to date by themselves. */
export class Monitor extends Component {
    static template = "marketing_campaign_flow.Monitor";
    static components = { Feed, HeatMap, MonitorChart };
    static props = {
        campaignIds: { type: Array, element: Number }, // none: all
        days: { type: Number, optional: true },
        onPeriod: { type: Function, optional: true },
    };
    static defaultProps = { days: 30 };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.asked = 0; // how often figures were asked for
        this.state = useState({
            figures: null,
            feed: [],
            more: false,
            days: this.props.days,
            isAway: false, // the server did not answer when it was last asked
        });
        this.live = useLive(() => this.refresh());
        this.barWidth = barWidth;
        this.formatInteger = formatInteger;
        onWillStart(() => this.open(this.props.campaignIds));
        onWillUpdateProps(({ campaignIds }) => {
            if (campaignIds.join() !== this.props.campaignIds.join()) {
                return this.open(campaignIds);
            }
        });
    }

    get periods() {
        return [
            [7, _t("7 days")],
            [30, _t("30 days")],
            [90, _t("90 days")],
            [0, _t("All")],
        ];
    }

    // -- reading -----------------------------------------------------------------------------

    async open(campaignIds) {
        this.campaignIds = campaignIds;
        this.state.feed = [];
        this.live.listen(campaignIds);
        try {
            await this.read();
        } finally {
            this.live.looked();
        }
    }

    /** Read and show the figures, unless they were asked for once more meanwhile. */
    async read() {
        const { campaignIds } = this;
        const asked = ++this.asked;
        let figures, feed;
        try {
            [figures, feed] = await Promise.all([
                this.orm.silent.call(MODEL, "get_figures", [campaignIds, this.state.days]),
                this.orm.silent.call(MODEL, "get_feed", [campaignIds]),
            ]);
        } catch (error) {
            if (asked === this.asked) {
                throw error;
            }
        }
        if (asked !== this.asked) {
            return;
        }
        const known = this.state.feed;
        const entries = mergeFeed(known, feed.entries);
        const more = known.length && entries !== feed.entries ? this.state.more : feed.more;
        Object.assign(this.state, { figures, feed: entries, more, isAway: false });
    }

    /** Read again; a server that is away for a moment is no reason to disturb anybody. */
    async refresh() {
        if (status(this) === "destroyed") {
            return;
        }
        try {
            await this.read();
        } catch {
            this.state.isAway = true;
        }
    }

    async setPeriod(days) {
        this.state.days = days;
        this.props.onPeriod?.(days);
        await this.read();
    }

    async showMore() {
        const before = this.state.feed.at(-1).id;
        const page = await this.orm.call(MODEL, "get_feed", [this.campaignIds, before]);
        // A second click, or other campaigns, may have changed what is shown.
        if (this.state.feed.at(-1)?.id === before) {
            this.state.feed = [...this.state.feed, ...page.entries];
            this.state.more = page.more;
        }
    }

    // -- what is behind it -------------------------------------------------------------------

    async view(figure, about = {}, campaignIds = this.campaignIds) {
        this.action.doAction(await this.orm.call(MODEL, "action_view", [figure, campaignIds, about]));
    }

    viewDay(line, point) {
        const { series, spans } = this.figures.days;
        const [first, last] = spans[point];
        this.view(series[line].figure, { first, last });
    }

    viewMoney(_line, point) {
        const about = point ? { last: this.figures.money.points[point - 1].day } : {};
        this.view("money", { kind: point ? "actual" : "planned", ...about });
    }

    viewHour(about) {
        this.view("hour", { ...about, days: this.state.days });
    }

    async viewObjective(id) {
        this.action.doAction(
            await this.orm.call("flow.objective", "action_view_behind", [[id]])
        );
    }

    viewCampaign(id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "flow.campaign",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    // -- what is shown -----------------------------------------------------------------------

    get figures() {
        return this.state.figures;
    }

    get isLive() {
        return !this.state.isAway && !this.live.monitoring.isConnectionLost;
    }

    get isSingle() {
        return this.figures.states.length > 0;
    }

    get countInWords() {
        const { count } = this.figures;
        return count === 1 ? _t("One campaign") : _t("%s campaigns", formatInteger(count));
    }

    get lines() {
        return linesOf(this.figures.days, lineColor);
    }

    get burnDown() {
        return burnDownOf(this.figures.money, _t("Left of the budget"), lineColor, _t("Budget"));
    }

    get burnDownTexts() {
        const { planned_text: planned, points } = this.figures.money;
        return [[planned, ...points.map((point) => point.text)]];
    }

    get most() {
        return Math.max(...this.figures.states.map((state) => state.entered), 1);
    }

    get hasMoney() {
        const { planned, points } = this.figures.money;
        return planned > 0 || points.length > 0;
    }

    percent(value) {
        return value === null ? "–" : `${formatFloat(value, { digits: [16, 1] })} %`;
    }

    stateColor({ kind }) {
        return STATE_COLORS[kind] || "bg-primary";
    }

    objectiveColor({ state }) {
        return OBJECTIVE_COLORS[state];
    }
}
