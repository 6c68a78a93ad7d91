import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

import * as geometry from "./canvas_geometry";
import { newKey } from "./canvas_keys";

const ENDS = ["goal", "exit", "done"];

/** What a person does to the picture, as commands for the server. */
export const Editing = (Canvas) => class extends Canvas {
    onConflict(sentence, again) {
        const buttons = again
            ? [{ name: _t("Make my change all the same"), onClick: again, primary: true }]
            : [];
        this.notification.add(sentence, { type: "warning", sticky: true, buttons });
    }

    async edit(commands) {
        this.touched = true;
        await this.panel?.saving;
        const made = await this.model.edit(commands);
        this.forgetGone();
        if (made && this.state.panel) {
            await this.panel?.refresh();
        }
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
        if (state && ENDS.includes(state.kind)) {
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
        if (!ENDS.includes(state.kind)) {
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

    /** @param {Object} dropped ``{ x, y }`` by the keys of states */
    async onCardsDropped(dropped) {
        const { picture } = this;
        const places = {};
        const states = {};
        const changes = [];
        const lanes = this.lanes.length > 1;
        for (const [key, { x, y }] of Object.entries(dropped)) {
            places[key] = [Math.round(x), Math.round(y)];
            states[key] = { ...picture.states[key], x: places[key][0], y: places[key][1] };
            const lane = lanes && geometry.laneAt(x + picture.sizes.width / 2, picture);
            if (lane && lane.index !== states[key].lane) {
                const values = { phase_id: lane.id };
                changes.push({ do: "change", part: "state", key, values });
                Object.assign(states[key], { lane: lane.index, ...values });
            }
        }
        this.model.foresee(states);
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
                "People in what you take away: %s. When you publish, you say where they go.",
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
        if (!this.picture.editable) {
            return;
        }
        if (!text) {
            const words = _t("Nothing has been copied yet: select states and copy them first.");
            this.notification.add(words, { type: "info" });
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
};
