import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";

import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { formatInteger } from "@web/views/fields/formatters";

import { CanvasArrows } from "./canvas_arrows";
import { Clipboard } from "./canvas_clipboard";
import { Editing } from "./canvas_editing";
import * as geometry from "./canvas_geometry";
import { onKey } from "./canvas_keyboard";
import { useLiveFigures } from "./canvas_live";
import { CanvasModel } from "./canvas_model";
import { CanvasPointer } from "./canvas_pointer";
import { Selecting } from "./canvas_selection";
import { Viewing } from "./canvas_view";
import { toPicture } from "./canvas_viewpoint";
import { KeysHelp } from "./keys_help";
import { MiniMap } from "./mini_map";
import { SidePanel } from "./side_panel";
import { marksOf, StateCard } from "./state_card";

const AT_ONCE = 8;
const KINDS = [
    { kind: "normal", icon: "fa-square-o", label: _t("State") },
    { kind: "goal", icon: "fa-trophy", label: _t("Goal") },
    { kind: "exit", icon: "fa-sign-out", label: _t("Exit") },
    { kind: "done", icon: "fa-flag-checkered", label: _t("End") },
];

/** The picture of a workflow, to look at and to edit. */
export class WorkflowCanvas extends Editing(Selecting(Viewing(Component))) {
    static template = "marketing_campaign_flow.WorkflowCanvas";
    static components = { CanvasArrows, MiniMap, SidePanel, StateCard };
    static props = {
        workflowId: Number,
        onRenew: Function,
        onLeft: Function,
        isFull: { type: Boolean, optional: true }, // whether it begins with the whole window
        onFull: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.viewport = useRef("viewport");
        this.world = useRef("world");
        this.draft = useRef("draft");
        this.kinds = KINDS;
        this.formatInteger = formatInteger;
        this.marksOf = marksOf;
        this.dir = localization.direction;
        this.view = { x: 0, y: 0, scale: 1 };
        this.room = { width: 0, height: 0 };
        this.model = new CanvasModel(this.orm, this.props.workflowId, this.onConflict.bind(this));
        this.shared = useState(this.model.state);
        this.state = useState({
            picked: [], // keys of selected cards
            panel: null, // what the panel shows: part, key, id, and a number for each opening
            active: null, // the card that Tab reaches
            renaming: null,
            connecting: null,
            said: "",
            full: Boolean(this.props.isFull),
            percent: 100,
            drawn: AT_ONCE, // how many cards are drawn
        });
        this.comeBack();
        this.pointer = new CanvasPointer(this);
        this.clipboard = new Clipboard(this);
        const live = useLiveFigures(this);
        onWillStart(async () => {
            await this.model.load();
            live.begin();
        });
        onMounted(() => this.drawMore());
        onPatched(() => this.drawMore());
        useEffect(
            () => {
                this.takeRoom();
                this.onResized(this.viewportRect());
                const observer = new ResizeObserver(([seen]) => this.onResized(seen.contentRect));
                observer.observe(this.viewportEl);
                return () => observer.disconnect();
            },
            () => []
        );
        useExternalListener(document, "paste", (ev) => this.clipboard.onPaste(ev));
        useExternalListener(window, "keyup", (ev) => ev.code === "Space" && this.holdSpace(false));
        useSetupAction({ beforeLeave: () => this.leavePanel() });
        onWillUnmount(() => {
            cancelAnimationFrame(this.drawing);
            this.props.onLeft(Boolean(this.touched));
        });
    }

    // -- what is shown -------------------------------------------------------------------------

    get picture() {
        return this.shared.canvas;
    }

    /** Whether somebody drags or types: nothing is drawn anew meanwhile. */
    get isBusy() {
        const writing = "input, textarea, [contenteditable=true]";
        const typing = this.root.el?.contains(document.activeElement);
        return Boolean(
            this.pointer.gesture || (typing && document.activeElement.matches(writing))
        );
    }

    get states() {
        return Object.values(this.picture.states);
    }

    /** Large pictures are drawn in several goes, so that nothing stands still meanwhile. */
    get drawnStates() {
        return this.states.slice(0, this.state.drawn);
    }

    get allDrawn() {
        return this.state.drawn >= this.states.length;
    }

    drawMore() {
        if (!this.allDrawn && !this.drawing) {
            this.drawing = requestAnimationFrame(() => {
                this.drawing = null;
                this.state.drawn += AT_ONCE;
            });
        }
    }

    get lanes() {
        return this.picture.lanes.length > 1 || this.picture.lanes[0]?.id
            ? geometry.lanesOf(this.picture)
            : [];
    }

    get band() {
        return geometry.bandOf(this.picture);
    }

    /** Where the band lies, as a style. */
    get bandStyle() {
        const { left, right } = geometry.bounds(this.picture);
        const { top, bottom } = this.band;
        return (
            `transform: translate(${left}px, ${top}px);` +
            `width: ${right - left}px; height: ${bottom - top}px`
        );
    }

    /** What may happen in any state leads out of the campaign, most of the time. */
    get anyTarget() {
        return (
            this.states.find((one) => one.kind === "exit") ||
            this.states.find((one) => ["done", "goal"].includes(one.kind))
        )?.key;
    }

    get activeKey() {
        const { states } = this.picture;
        if (states[this.state.active]) {
            return this.state.active;
        }
        return (this.states.find((one) => one.kind === "start") || this.states[0])?.key;
    }

    get panelPart() {
        const { panel } = this.state;
        return panel && this.partOf(panel.part, panel.key);
    }

    partOf(part, key) {
        return { state: "states", transition: "transitions", action: "actions" }[part]
            ? this.picture[`${part}s`][key]
            : undefined;
    }

    titleOf(part) {
        return part.name || part.title || part.words;
    }

    chipTitle(way) {
        const target = this.picture.states[way.target];
        return `${way.words} → ${target ? target.name : _t("stays")}`;
    }

    say(words) {
        this.state.said = words;
    }

    // -- the panel -----------------------------------------------------------------------------

    async onPanelSaved(undo) {
        this.touched = true;
        this.model.remember(undo);
        await this.model.reload();
        this.forgetGone();
    }

    async onPanelConflict(sentence) {
        this.onConflict(sentence, null);
        await this.model.reload();
    }

    // -- the page ------------------------------------------------------------------------------

    async openFigure(part, figure) {
        const args = [[this.picture.id], part.part, part.key, figure];
        this.leaveForAWhile();
        this.action.doAction(await this.orm.call("flow.workflow", "action_view_behind", args));
    }

    async renew() {
        await this.orm.call("flow.campaign", "action_edit_workflow", [[this.picture.campaign_id]]);
        await this.props.onRenew(this.picture.campaign_id);
    }

    help() {
        this.dialog.add(KeysHelp, { editable: this.picture.editable });
    }

    onKeydown(ev) {
        if (ev.code === "Space" && ev.target === this.viewportEl) {
            this.holdSpace(true);
            ev.preventDefault();
            return;
        }
        onKey(this, ev);
    }

    showDraft(isShown) {
        this.draftEl.setAttribute("d", "");
        this.world.el.classList.toggle("o_flow_connecting", isShown);
    }

    onDragPalette(ev, kind) {
        ev.dataTransfer.setData("application/x-flow-state", kind);
        ev.dataTransfer.effectAllowed = "copy";
    }

    onDragOver(ev) {
        if (ev.dataTransfer.types.includes("application/x-flow-state")) {
            ev.preventDefault();
        }
    }

    async onDrop(ev) {
        const kind = ev.dataTransfer.getData("application/x-flow-state");
        if (kind) {
            ev.preventDefault();
            const { x, y } = toPicture(this.view, this.pointer.point(ev));
            const { width, head } = this.picture.sizes;
            await this.addState({ kind, at: [x - width / 2, y - head / 2] });
        }
    }
}
