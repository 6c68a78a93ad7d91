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

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { formatInteger } from "@web/views/fields/formatters";

import { Clipboard } from "./canvas_clipboard";
import * as geometry from "./canvas_geometry";
import { onKey } from "./canvas_keyboard";
import { CanvasModel } from "./canvas_model";
import { CanvasPointer } from "./canvas_pointer";
import { KeysHelp } from "./keys_help";
import { MiniMap } from "./mini_map";
import { SidePanel } from "./side_panel";
import { marksOf, StateCard } from "./state_card";

const KINDS = [
    { kind: "normal", icon: "fa-square-o", label: _t("State") },
    { kind: "goal", icon: "fa-trophy", label: _t("Goal") },
    { kind: "exit", icon: "fa-sign-out", label: _t("Exit") },
    { kind: "done", icon: "fa-flag-checkered", label: _t("End") },
];

function newKey() {
    const digits = crypto.getRandomValues(new Uint8Array(12));
    return [...digits].map((digit) => (digit % 16).toString(16)).join("");
}

/** The picture of a workflow, to look at and to edit. */
export class WorkflowCanvas extends Component {
    static template = "marketing_campaign_flow.WorkflowCanvas";
    static components = { MiniMap, SidePanel, StateCard };
    static props = { workflowId: Number, onRenew: Function, onLeft: Function };

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
        this.model = new CanvasModel(this.orm, this.props.workflowId, this.onConflict.bind(this));
        this.shared = useState(this.model.state);
        this.state = useState({
            picked: [], // keys of selected cards
            panel: null, // what the panel shows: part, key, id, and a number for each opening
            active: null, // the card that Tab reaches
            renaming: null,
            connecting: null,
            said: "",
            full: false,
            percent: 100,
        });
        this.pointer = new CanvasPointer(this);
        this.clipboard = new Clipboard(this);
        onWillStart(() => this.model.load());
        onMounted(() => this.fit());
        onPatched(() => this.catchUp());
        this.draggedCards = new Set();
        this.draggedArrows = new Set();
        useEffect(
            () => {
                const observer = new ResizeObserver(() => this.onResized());
                observer.observe(this.viewportEl);
                return () => observer.disconnect();
            },
            () => []
        );
        useExternalListener(document, "paste", (ev) => this.clipboard.onPaste(ev));
        useExternalListener(window, "keyup", (ev) => ev.code === "Space" && this.holdSpace(false));
        useSetupAction({ beforeLeave: () => this.leavePanel() });
        onWillUnmount(() => this.props.onLeft(this.touched));
    }

    // -- what is shown -------------------------------------------------------------------------

    get picture() {
        return this.shared.shown && this.shared.canvas;
    }

    get states() {
        return Object.values(this.picture.states);
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

    get arrows() {
        const paths = geometry.routes(this.picture);
        return Object.keys(paths).map((key) => ({
            key, path: paths[key], way: this.picture.transitions[key],
        }));
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

    // -- the view ------------------------------------------------------------------------------

    get viewportEl() {
        return this.viewport.el;
    }

    get draftEl() {
        return this.draft.el;
    }

    viewportRect() {
        return this.viewportEl.getBoundingClientRect();
    }

    cardEl(key) {
        return this.world.el.querySelector(`.o_flow_card[data-key="${key}"]`);
    }

    arrowEls(key) {
        return [...this.world.el.querySelectorAll(`path[data-way="${key}"]`)];
    }

    setView(view) {
        this.view = view;
        this.moved = true;
        this.applyView();
    }

    applyView() {
        const { x, y, scale } = this.view;
        this.world.el.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
        const { width, height } = this.viewportRect();
        const frame = { x: -x / scale, y: -y / scale, width: width / scale, height: height / scale };
        for (const name of this.frameEl ? Object.keys(frame) : []) {
            this.frameEl.setAttribute(name, frame[name]);
        }
        const percent = Math.round(scale * 100);
        if (percent !== this.state.percent) {
            this.state.percent = percent;
        }
    }

    /** What was dragged has been moved behind the back of what draws it. */
    catchUp() {
        this.applyView();
        for (const key of this.draggedCards) {
            const state = this.picture.states[key];
            const el = state && this.cardEl(key);
            if (el) {
                el.style.transform = `translate(${state.x}px, ${state.y}px)`;
            }
        }
        if (this.draggedArrows.size) {
            const paths = geometry.routes(this.picture);
            for (const key of this.draggedArrows) {
                this.arrowEls(key).forEach((el) => paths[key] && el.setAttribute("d", paths[key]));
            }
        }
    }

    setFrame(el) {
        this.frameEl = el;
        this.applyView();
    }

    fit() {
        const { width, height } = this.viewportRect();
        this.view = geometry.fit(geometry.bounds(this.picture), { width, height });
        this.moved = false;
        this.applyView();
    }

    onResized() {
        if (!this.moved && !this.state.panel) {
            this.fit();
        }
    }

    zoom(factor, point = null) {
        const { width, height } = this.viewportRect();
        this.setView(
            geometry.zoomed(this.view, factor, point || { x: width / 2, y: height / 2 })
        );
    }

    /** The wheel scrolls the page until one is at work in the picture. */
    onWheel(ev) {
        const atWork = this.state.full || this.root.el.contains(document.activeElement);
        if (ev.ctrlKey || ev.metaKey || atWork) {
            ev.preventDefault();
            const delta = ev.deltaMode ? ev.deltaY * 30 : ev.deltaY;
            this.zoom(Math.exp(-delta / 500), this.pointer.point(ev));
        }
    }

    goTo({ x, y }) {
        const { width, height } = this.viewportRect();
        const { scale } = this.view;
        this.setView({ scale, x: width / 2 - x * scale, y: height / 2 - y * scale });
    }

    reveal(key) {
        const { width, height } = this.viewportRect();
        const box = geometry.boxOf(this.picture.states[key], this.picture);
        const view = geometry.revealing(this.view, box, { width, height });
        if (view.x !== this.view.x || view.y !== this.view.y) {
            this.setView(view);
        }
    }

    async toggleFull() {
        this.state.full = !this.state.full;
        this.moved = false;
    }

    holdSpace(isDown) {
        this.spaceIsDown = isDown;
    }

    swallowClick() {
        this.swallowing = true;
        setTimeout(() => (this.swallowing = false));
    }

    onClickCapture(ev) {
        if (this.swallowing) {
            this.swallowing = false;
            ev.stopPropagation();
            ev.preventDefault();
        }
    }

    redraw() {
        this.model.foresee(() => {});
    }

    // -- selecting -----------------------------------------------------------------------------

    isPicked(key) {
        return this.state.picked.includes(key);
    }

    draggedWith(key) {
        return this.isPicked(key) ? [...this.state.picked] : [key];
    }

    async onClickWorld(ev) {
        const card = ev.target.closest(".o_flow_card");
        const arrow = ev.target.closest("path[data-way]");
        if (arrow) {
            await this.select(this.picture.transitions[arrow.dataset.way]);
        } else if (card) {
            const { key } = card.dataset;
            if (this.state.connecting) {
                await this.enter(key);
            } else if (ev.ctrlKey || ev.metaKey || ev.shiftKey) {
                this.togglePick(key);
            } else {
                this.focusCard(key);
                await this.select(this.picture.states[key]);
            }
        } else if (await this.leavePanel()) {
            this.state.panel = null;
            this.state.picked = [];
            this.viewportEl.focus({ preventScroll: true });
        }
    }

    onDblclick(ev) {
        const head = ev.target.closest(".o_flow_card_head");
        if (head && this.picture.editable) {
            this.beginRenaming(head.dataset.key);
        }
    }

    onFocusIn(ev) {
        const card = ev.target.closest(".o_flow_card");
        if (card) {
            this.state.active = card.dataset.key;
        }
    }

    togglePick(key) {
        const { picked } = this.state;
        this.state.picked = picked.includes(key)
            ? picked.filter((one) => one !== key)
            : [...picked, key];
    }

    pickAll() {
        this.state.picked = this.states.map((one) => one.key);
        this.say(_t("All states are selected"));
    }

    /** Show a part in the panel. */
    async select(part) {
        const { panel } = this.state;
        if (!part || (panel && panel.part === part.part && panel.key === part.key)) {
            return;
        }
        const { part: kind, key, id } = part;
        if (!(await this.leavePanel())) {
            return;
        }
        const owner = kind === "action" ? part.owner : [kind, key];
        this.state.picked = kind === "state" ? [key] : [];
        this.state.panel = {
            part: kind, key, id, ofTransition: owner[0] === "transition", opening: newKey(),
        };
        const state = kind === "state" ? key : part.source || (owner[0] === "state" && owner[1]);
        if (state) {
            this.state.active = state;
            this.toReveal = state;
        }
        this.say(this.titleOf(part));
    }

    async leavePanel() {
        return !this.panel || this.panel.leave();
    }

    registerPanel(panel) {
        this.panel = panel;
        if (panel && this.toReveal && this.picture.states[this.toReveal]) {
            // the panel has taken room from the picture
            requestAnimationFrame(() => this.viewportEl && this.reveal(this.toReveal));
        }
    }

    closePanel() {
        this.state.panel = null;
        const key = this.activeKey;
        if (key) {
            this.focusCard(key);
        }
    }

    async enter(key) {
        const { connecting } = this.state;
        if (connecting) {
            this.state.connecting = null;
            return this.connect({ source: connecting, target: key });
        }
        return this.select(this.picture.states[key]);
    }

    focusCard(key) {
        this.state.active = key;
        this.cardEl(key)?.focus({ preventScroll: true });
        this.reveal(key);
    }

    letGo() {
        if (this.state.connecting) {
            this.state.connecting = null;
            this.say(_t("No arrow was drawn"));
        } else if (this.state.panel) {
            this.panel.close();
        } else if (this.state.full) {
            this.toggleFull();
        } else {
            this.state.picked = [];
        }
    }

    // -- editing -------------------------------------------------------------------------------

    onConflict(sentence, again) {
        const buttons = again
            ? [{ name: _t("Make my change all the same"), onClick: again, primary: true }]
            : [];
        this.notification.add(sentence, { type: "warning", sticky: true, buttons });
    }

    async edit(commands) {
        this.touched = true;
        const made = await this.model.edit(commands);
        this.forgetGone();
        return made;
    }

    forgetGone() {
        const { panel } = this.state;
        if (panel && !this.panelPart) {
            this.state.panel = null;
        } else if (panel && this.panelPart.id !== panel.id) {
            this.state.panel = { ...panel, id: this.panelPart.id, opening: newKey() };
        }
        this.state.picked = this.state.picked.filter((key) => this.picture.states[key]);
    }

    async undo() {
        await this.takeBack("undo", _t("Undone"));
    }

    async redo() {
        await this.takeBack("redo", _t("Done again"));
    }

    async takeBack(way, words) {
        if (await this.leavePanel()) {
            this.touched = true;
            await this.model[way]();
            this.forgetGone();
            if (this.state.panel) {
                this.state.panel = { ...this.state.panel, opening: newKey() };
            }
            this.say(words);
        }
    }

    /** Add a state: where it was dropped, behind another, or where there is room. */
    async addState({ kind = "normal", at = null, source = null }) {
        const { picture } = this;
        const key = newKey();
        const values = { name: _t("New state"), kind };
        const before = picture.states[source];
        if (!at && before && !picture.arranged) {
            at = geometry.placeBeside(picture, source);
        }
        const lane = at && this.lanes.length ? geometry.laneAt(at[0], picture) : null;
        const phase = lane ? lane.id : (before || this.states[0])?.phase_id;
        if (phase) {
            values.phase_id = phase;
        }
        if (!this.states.length) {
            values.kind = "start";
            values.name = _t("Start");
        }
        const commands = [{ do: "add", part: "state", key, values, at: at?.map(Math.round) }];
        if (before) {
            commands.push(this.newWay(source, key));
        }
        if (await this.edit(commands)) {
            this.state.picked = [key];
            this.state.active = key;
            this.beginRenaming(key);
            this.say(_t("A state was added. Type its name."));
        }
    }

    addBeside(state) {
        if (state && ["goal", "exit", "done"].includes(state.kind)) {
            return this.addState({});
        }
        return this.addState({ source: state?.key });
    }

    /** A way is taken when everything is done; beside such a way, after some time. */
    newWay(source, target) {
        const state = this.picture.states[source];
        const ways = state ? state.transitions.map((key) => this.picture.transitions[key]) : [];
        const values = { source, target };
        if (!source) {
            Object.assign(values, { trigger: "event", event_kind: "unsubscribed" });
        } else {
            const rest = ways.some((way) => way.trigger === "done");
            Object.assign(values, { trigger: rest ? "timeout" : "done" });
        }
        return { do: "add", part: "transition", key: newKey(), values };
    }

    async connect({ source, target }) {
        const command = this.newWay(source, target || false);
        if (await this.edit([command])) {
            await this.select(this.picture.transitions[command.key]);
        }
    }

    async onArrowDrawn({ source, way, target, at }) {
        if (way && target) {
            await this.edit([
                { do: "change", part: "transition", key: way, values: { target } },
            ]);
        } else if (target) {
            await this.connect({ source, target });
        } else if (source && !way) {
            await this.addState({ source, at: this.picture.arranged ? null : at });
        }
    }

    beginConnecting(state) {
        if (!["goal", "exit", "done"].includes(state.kind)) {
            this.state.connecting = state.key;
            this.say(_t("Go to another state and press Enter; Escape lets go."));
        }
    }

    beginRenaming(key) {
        this.state.renaming = key;
    }

    async rename(key, name) {
        const state = this.picture.states[key];
        this.state.renaming = null;
        if (name && name !== state.name) {
            const values = { name };
            await this.edit([{ do: "change", part: "state", key, values }]);
        }
        this.focusCard(key);
    }

    addAction(owner) {
        const isState = owner.part === "state";
        this.dialog.add(FormViewDialog, {
            title: _t("New action"),
            resModel: "flow.action",
            canExpand: false,
            context: {
                default_workflow_id: this.picture.id,
                [isState ? "default_state_id" : "default_transition_id"]: owner.id,
                default_sequence: owner.actions.length + 1000,
                flow_hours_of_company: true,
                ...(isState ? {} : { flow_of_transition: true }),
            },
            onRecordSaved: async ({ resId }) => {
                this.touched = true;
                await this.model.reload();
                const made = Object.values(this.picture.actions).find((one) => one.id === resId);
                if (made) {
                    this.model.remember([{ do: "remove", parts: [["action", made.key]] }]);
                }
            },
        });
    }

    async onCardsDropped(keys, was) {
        const { picture } = this;
        const places = {};
        const changes = [];
        const { width } = picture.sizes;
        const now = Object.fromEntries(keys.map((key) => [key, { ...picture.states[key] }]));
        keys.forEach((key) => Object.assign(picture.states[key], was[key]));
        const lanes = this.lanes.length > 1;
        for (const key of keys) {
            const { x, y } = now[key];
            places[key] = [Math.round(x), Math.round(y)];
            const lane = lanes && geometry.laneAt(x + width / 2, picture);
            if (lane && lane.index !== now[key].lane) {
                const values = { phase_id: lane.id };
                changes.push({ do: "change", part: "state", key, values });
                now[key].lane = lane.index;
            }
        }
        this.model.foresee(() => keys.forEach((key) => Object.assign(picture.states[key], now[key])));
        await this.edit([...changes, { do: "place", places }]);
    }

    async nudge(key, x, y) {
        const state = this.picture.states[key];
        const places = { [key]: [Math.round(state.x + x), Math.round(state.y + y)] };
        await this.edit([{ do: "place", places }]);
        this.focusCard(key);
    }

    async arrange() {
        await this.edit([{ do: "arrange" }]);
        this.fit();
    }

    async order(part, keys, focused = null) {
        await this.edit([{ do: "order", part, keys }]);
        if (focused) {
            this.world.el.querySelector(`[data-key="${focused}"] .o_flow_row_button`)?.focus();
        }
    }

    /** Take away a row that has the focus, what the panel shows, or the selected cards. */
    remove(row = null, focused = null) {
        let parts = this.state.picked.map((key) => ["state", key]);
        if (row) {
            parts = [[row.dataset.part, row.dataset.key]];
        } else if (focused && !this.isPicked(focused)) {
            parts = [["state", focused]];
        } else if (this.state.panel && this.state.panel.part !== "state") {
            parts = [[this.state.panel.part, this.state.panel.key]];
        }
        if (!parts.length || !this.picture.editable) {
            return;
        }
        const states = parts.filter(([part]) => part === "state");
        const people = states.reduce((sum, [, key]) => {
            const { figures } = this.picture.states[key];
            return sum + (figures ? figures.here + figures.held : 0);
        }, 0);
        const go = async () => {
            this.panel?.forget();
            this.state.panel = null;
            if (await this.edit([{ do: "remove", parts }])) {
                this.say(_t("Taken away; Ctrl Z brings it back."));
                this.viewportEl.focus({ preventScroll: true });
            }
        };
        if (!people) {
            return go();
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("People are here"),
            body: _t(
                "%s people are in what you take away. When you publish, you say where they go.",
                formatInteger(people)
            ),
            confirmLabel: _t("Take away"),
            confirm: go,
            cancel: () => {},
        });
    }

    async copy() {
        const keys = this.state.picked.length ? this.state.picked : [this.activeKey];
        if (await this.leavePanel()) {
            await this.clipboard.copy(keys.filter(Boolean));
            this.say(_t("Copied"));
        }
    }

    async duplicate() {
        const keys = this.state.picked.length ? this.state.picked : [this.activeKey];
        if (keys[0] && (await this.leavePanel())) {
            await this.paste(await this.clipboard.read(keys));
        }
    }

    async paste(text) {
        if (!text || !this.picture.editable) {
            return;
        }
        let at = null;
        if (!this.picture.arranged) {
            const last = this.states.reduce((a, b) => (b.x > a.x ? b : a), this.states[0]);
            at = geometry.placeBeside(this.picture, this.state.picked[0] || last.key);
        }
        const made = await this.edit([{ do: "paste", text, at }]);
        if (made) {
            this.state.picked = made.map(([, key]) => key);
            this.say(_t("Pasted"));
        }
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
            const { x, y } = geometry.toPicture(this.view, this.pointer.point(ev));
            const { width, head } = this.picture.sizes;
            await this.addState({ kind, at: [x - width / 2, y - head / 2] });
        }
    }
}
