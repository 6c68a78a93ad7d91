import { markRaw, reactive } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { Mutex } from "@web/core/utils/concurrency";

import { cardsOf, keepSame } from "./canvas_cards";
import { withFigures } from "./canvas_figures";
import { History } from "./canvas_history";

const PATIENCE = 5000;

/**
 * The picture of one workflow and what is done to it.
 *
 * Every change goes to the server at once, one after the other. Where the connection is lost the
 * change waits, and is sent again; the server knows it by its token and makes it once.
 */
export class CanvasModel {
    /**
     * @param {Object} orm
     * @param {number} workflowId
     * @param {(sentence: string, again: Function|null) => void} onConflict
     */
    constructor(orm, workflowId, onConflict) {
        this.orm = orm;
        this.workflowId = workflowId;
        this.onConflict = onConflict;
        this.turns = new Mutex(); // one thing after the other, undoing included
        this.history = new History();
        this.cards = {}; // what is drawn of the picture, see `cardsOf`
        // The picture is not changed in place: another object, another picture.
        this.state = reactive({ canvas: null, offline: false, canUndo: false, canRedo: false });
    }

    get canvas() {
        return this.state.canvas;
    }

    async load() {
        this.show(await this.orm.call("flow.workflow", "get_canvas", [[this.workflowId]]));
    }

    /** Read the picture again, after whatever is being changed. */
    reload() {
        return this.turns.exec(() => this.load());
    }

    /** The revision that is shown when all that was begun before is done. */
    revision() {
        return this.turns.exec(() => this.canvas.revision);
    }

    show(canvas) {
        const picture = markRaw(keepSame(this.canvas, canvas));
        this.cards = cardsOf(picture, this.cards);
        this.state.canvas = picture;
    }

    /**
     * Read the figures alone, where the picture can stay as it is.
     *
     * @param {() => boolean} isWelcome whether they may be shown when they have come
     */
    async readFigures(isWelcome) {
        const told = await this.orm.silent.call("flow.workflow", "get_canvas_figures", [
            [this.workflowId],
        ]);
        if (told && isWelcome()) {
            const picture = withFigures(this.canvas, told);
            await (picture ? this.show(picture) : this.reload());
        }
    }

    /** Draw states as they will be, by their keys, before the server has answered. */
    foresee(states) {
        this.show({ ...this.canvas, states: { ...this.canvas.states, ...states } });
    }

    /**
     * Carry out commands.
     *
     * @returns {Promise<Array|null>} kinds and keys of what was made; null when nothing was done
     */
    edit(commands) {
        return this.turns.exec(async () => {
            const answer = await this.send(commands);
            if (!answer) {
                return null;
            }
            this.history.push(answer.undo);
            this.tellHistory();
            return answer.made;
        });
    }

    /** Take note of something that a form has done, with the commands that take it back. */
    remember(undo) {
        this.history.push(undo);
        this.tellHistory();
    }

    undo() {
        return this.takeBack("undo");
    }

    redo() {
        return this.takeBack("redo");
    }

    takeBack(way) {
        return this.turns.exec(async () => {
            await this.history[way](async (commands) => (await this.send(commands))?.undo);
            this.tellHistory();
        });
    }

    tellHistory() {
        this.state.canUndo = this.history.canUndo;
        this.state.canRedo = this.history.canRedo;
    }

    async send(commands) {
        let answer;
        try {
            answer = await this.deliver(commands);
        } catch (error) {
            await this.load(); // what was drawn ahead is not so
            throw error;
        }
        this.show(answer.canvas);
        if (answer.conflict) {
            const again = answer.canvas.editable ? () => this.edit(commands) : null;
            this.onConflict(answer.conflict, again);
            return null;
        }
        return answer;
    }

    async deliver(commands) {
        const token = `${Date.now()}-${Math.random()}`;
        const { revision } = this.canvas;
        for (;;) {
            try {
                const answer = await this.orm.silent.call("flow.workflow", "edit_canvas", [
                    [this.workflowId], revision, commands, token,
                ]);
                this.state.offline = false;
                return answer;
            } catch (error) {
                if (!(error instanceof ConnectionLostError)) {
                    this.state.offline = false;
                    throw error;
                }
                this.state.offline = true;
                await new Promise((resolve) => {
                    this.tryAgain = resolve;
                    browser.setTimeout(resolve, PATIENCE);
                });
            }
        }
    }
}
